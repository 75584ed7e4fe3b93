package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.errors.StorageException;
import io.tidemill.spi.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I06: a directory says what it is. X09: nobody but the owner may enter. What cannot be used is left as it was. */
final class StoreDirectoryTest {
    @TempDir
    private Path temporary;

    @Test
    void touchesNothingUntilItIsOpened() throws IOException {
        ChronicleLog.at(temporary.resolve("store"));

        assertEquals(Set.of(), names(temporary));
    }

    @Test
    void createsEveryDirectoryForItsOwnerOnly() throws IOException {
        Path root = temporary.resolve("a/b/store");

        try (LogStore store = Logs.open(root)) {
            store.openLog("log");
            store.stateFile("state").write(new byte[1]);
        }

        for (String directory : new String[] {"a", "a/b", "a/b/store", "a/b/store/logs", "a/b/store/logs/log"}) {
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve(directory))),
                    directory);
        }
    }

    @Test
    void opensADirectoryThatIsThereAndEmpty() throws IOException {
        Logs.open(temporary).close();

        assertEquals(Set.of("tidemill.format", "tidemill.lock", "logs", "state", "tmp"), names(temporary));
    }

    @Test
    void opensWhatABrokerThatDiedWhileItCreatedItLeft() throws IOException {
        Files.createFile(temporary.resolve("tidemill.lock"));
        Files.writeString(temporary.resolve("tidemill.owner"), "");
        Files.write(temporary.resolve("tidemill.format.new"), new byte[3]);

        try (LogStore store = Logs.open(temporary)) {
            assertEquals(Set.of(), store.logNames());
        }
        assertEquals(Set.of("tidemill.format", "tidemill.lock", "logs", "state", "tmp"), names(temporary));
    }

    @Test
    void removesWhatWasOnItsWay() throws IOException {
        Logs.open(temporary).close();
        Files.createDirectories(temporary.resolve("tmp/0/half"));

        Logs.open(temporary).close();

        assertEquals(Set.of(), names(temporary.resolve("tmp")));
    }

    @Test
    void refusesAPathThatIsAFile() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "content");

        assertRefused(file, file.toString(), "not a directory");

        assertEquals("content", Files.readString(file));
    }

    @Test
    void refusesAPathBelowAFile() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));

        assertRefused(file.resolve("a/b"), file.resolve("a/b").toString());

        assertEquals(Set.of("file"), names(temporary));
    }

    @Test
    void refusesAPathThatCannotBeCreated() {
        Path path = Path.of("/proc/tidemill/store");

        assertRefused(path, path.toString());
    }

    @Test
    void refusesADirectoryThatIsNotWritable() throws IOException {
        try (TemporaryMount mount = TemporaryMount.tmpfs(temporary.resolve("mount"), "size=1m")) {
            Path existing = Files.createDirectory(mount.path().resolve("existing"));
            mount.remountReadOnly();

            assertRefused(existing, existing.toString(), "not writable");
            assertRefused(mount.path().resolve("missing"), "missing");
            assertEquals(Set.of(), names(existing));
        }
    }

    @Test
    void leavesNothingBehindWhenTheDiskIsFull() throws IOException {
        try (TemporaryMount mount = TemporaryMount.tmpfs(temporary.resolve("mount"), "size=64k,nr_inodes=5")) {
            Path root = mount.path().resolve("store");

            assertRefused(root, root.toString());

            assertEquals(Set.of(), names(mount.path()));
        }
    }

    @Test
    void refusesToLitterADirectoryOfSomethingElse() throws IOException {
        Files.createFile(temporary.resolve("holiday.jpg"));

        assertRefused(temporary, temporary.toString(), "not a Tidemill directory", "holiday.jpg");

        assertEquals(Set.of("holiday.jpg"), names(temporary));
    }

    @Test
    void refusesANewerFormatAndNamesBothVersions() {
        Logs.open(temporary).close();
        new SealedFile(temporary.resolve("tidemill.format"), "TMFORMAT", 7)
                .write(new byte[3], temporary.resolve("tmp/x"));

        assertRefused(temporary, "tidemill.format", "version=7", "known=1");
    }

    @Test
    void refusesAFormatFileThatIsNone() throws IOException {
        Files.writeString(temporary.resolve("tidemill.format"), "something else entirely");

        assertRefused(temporary, temporary.toString(), "not a Tidemill directory");
    }

    private static void assertRefused(Path root, String... parts) {
        StorageException refused = assertThrows(StorageException.class, () -> Logs.open(root));

        for (String part : parts) {
            assertTrue(refused.getMessage().contains(part), refused.getMessage());
        }
        assertFalse(Files.exists(root.resolve("tidemill.owner")));
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
