package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.errors.BrokerLockedException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I05: one broker at a time, in this process or any other; the one that comes second is told who is there. */
final class DirectoryLockTest {
    @TempDir
    private Path root;

    /** Opens a store, tells how that went, and keeps it. */
    static final class Holder {
        public static void main(String[] args) throws IOException {
            try {
                Logs.open(Path.of(args[0]));
                System.out.println("open");
                System.in.read();
            } catch (BrokerLockedException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void refusesASecondBrokerOfThisProcess() {
        try (LogStore store = Logs.open(root)) {
            for (int i = 0; i < 3; i++) {
                assertLockedBy(ProcessHandle.current().pid(), assertLocked());
            }
            assertEquals(0, store.openLog("log").endOffset());
        }
    }

    @Test
    void refusesTheSameDirectoryByAnotherName() throws IOException {
        Path link = root.resolveSibling(root.getFileName() + "-link");
        Files.createSymbolicLink(link, root);
        try (LogStore store = Logs.open(root)) {
            assertThrows(BrokerLockedException.class, () -> Logs.open(link));
            assertEquals(0, store.openLog("log").endOffset());
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void refusesABrokerBesideThatOfAnotherProcess() throws Exception {
        try (ChildProcess holder = ChildProcess.start(Holder.class, List.of(), root)) {
            assertEquals("open", holder.readLine());

            assertLockedBy(holder.pid(), assertLocked());

            holder.kill();
            Logs.open(root).close();
        }
    }

    @Test
    void keepsOtherProcessesOutAfterASecondBrokerOfThisProcessWasRefused() throws Exception {
        try (LogStore store = Logs.open(root)) {
            assertLocked();
            try (ChildProcess other = ChildProcess.start(Holder.class, List.of(), root)) {
                String refusal = other.readLine();
                assertTrue(refusal.contains("pid=" + ProcessHandle.current().pid()), refusal);
            }
            store.openLog("log");
        }
        try (ChildProcess other = ChildProcess.start(Holder.class, List.of(), root)) {
            assertEquals("open", other.readLine());
        }
    }

    @Test
    void isNotFooledByAnEarlierProcessWithTheSamePid() throws IOException {
        Logs.open(root).close();
        Owner current = Owner.current();
        Owner former = new Owner(current.pid(), current.startedMs() - 1000, current.boot());
        Files.writeString(root.resolve("tidemill.owner"), former.toText());

        Logs.open(root).close();
    }

    @Test
    void isNotFooledByAnOwnerFileThatIsNone() throws IOException {
        Logs.open(root).close();
        Files.writeString(root.resolve("tidemill.owner"), "tidemill-owner 1 pid=12 star");

        Logs.open(root).close();
    }

    @Test
    void namesItsOwnerWhileItIsOpenOnly() throws IOException {
        Path owner = root.resolve("tidemill.owner");
        try (LogStore store = Logs.open(root)) {
            assertEquals(Owner.current(), Owner.ofText(Files.readString(owner)));
            store.logNames();
        }
        assertTrue(Files.notExists(owner));
    }

    /** Its records may be gone, if they were not flushed. */
    @Test
    void tellsWhenTheMachineCrashedSinceItWasOpenLast() throws Exception {
        try (ChildProcess holder = ChildProcess.start(Holder.class, List.of(), root)) {
            assertEquals("open", holder.readLine());
            holder.kill();
        }
        assertFalse(mayHaveLostTails());
        Files.writeString(root.resolve("tidemill.owner"), new Owner(1, 1, "another-boot").toText());

        assertTrue(mayHaveLostTails());

        assertFalse(mayHaveLostTails());
    }

    /** Closed with something that was not flushed and could not be, it was not closed. */
    @Test
    void tellsOfACrashOfTheMachineAlsoWhenItCouldNotBeFlushedBefore() throws IOException {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME, LogSettings.defaults().withSegmentBytes(1));
            log.maintainedBy(() -> {});
            Logs.appendNumbered(log, 1, 1);
            Files.delete(new SegmentName(0, 0).sealedFile(Logs.directory(root)));
            assertThrows(StorageException.class, log::flush);
        }
        Owner former = Owner.ofText(Files.readString(root.resolve("tidemill.owner")));
        assertFalse(former.isAlive());
        Files.writeString(root.resolve("tidemill.owner"), new Owner(former.pid(), 0, "another-boot").toText());

        assertTrue(mayHaveLostTails());
    }

    private boolean mayHaveLostTails() {
        try (LogStore store = Logs.open(root)) {
            return store.mayHaveLostTails();
        }
    }

    private BrokerLockedException assertLocked() {
        return assertThrows(BrokerLockedException.class, () -> Logs.open(root));
    }

    private void assertLockedBy(long pid, BrokerLockedException refusal) {
        assertTrue(refusal.getMessage().contains("directory=" + root), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("pid=" + pid), refusal.getMessage());
    }
}
