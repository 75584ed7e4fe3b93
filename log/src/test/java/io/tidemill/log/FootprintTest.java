package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** X04, X07, Z03: what an open store leaves in the process, in the home directory, on the console and on the network. */
final class FootprintTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path MAPPINGS = Path.of("/proc/self/maps");

    @TempDir
    private Path temporary;

    /** Uses a store, and prints what threads that are not daemons there are besides its own. */
    static final class User {
        public static void main(String[] args) {
            use(Path.of(args[0]));
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread != Thread.currentThread() && !thread.isDaemon())
                    .filter(thread -> !thread.getName().equals("DestroyJavaVM"))
                    .forEach(thread -> System.out.println("thread " + thread.getName()));
        }
    }

    /** Opens and closes many times, and prints what its process has, before and after. */
    static final class ManyTimes {
        /** What is allocated once, and late, is there by then. */
        private static final int WARM_UP_CYCLES = 1_000;

        private static final int CYCLES = 1_000;
        /** The heap goes up and down by a hundred kilobytes of which nothing stays; the least of some looks does not. */
        private static final int LOOKS = 4;

        private static final int CYCLES_BETWEEN_LOOKS = 100;

        public static void main(String[] args) throws IOException {
            Path root = Path.of(args[0]);
            use(root, WARM_UP_CYCLES);
            look(root);
            use(root, CYCLES);
            look(root);
        }

        private static void look(Path root) throws IOException {
            long bytes = heapBytes();
            for (int i = 1; i < LOOKS; i++) {
                use(root, CYCLES_BETWEEN_LOOKS);
                bytes = Math.min(bytes, heapBytes());
            }
            System.out.println(bytes);
            System.out.println(openFiles() + ", threads " + new TreeSet<>(threadNames()));
        }

        private static void use(Path root, int cycles) throws IOException {
            for (int cycle = 0; cycle < cycles; cycle++) {
                FootprintTest.use(root);
            }
        }

        /** What the descriptors stand for, in order, so that a difference tells what it is. */
        private static List<String> openFiles() throws IOException {
            List<String> files = new ArrayList<>();
            try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
                for (Path descriptor : descriptors.toList()) {
                    if (Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS)) {
                        files.add(Files.readSymbolicLink(descriptor).toString());
                    }
                }
            }
            Collections.sort(files);
            return files;
        }

        /** Goes on while it falls: cleaners on other threads give back what takes another collection to go. */
        private static long heapBytes() {
            long bytes = Long.MAX_VALUE;
            for (int withoutFall = 0; withoutFall < 10; withoutFall++) {
                System.gc();
                long now =
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                if (now < bytes) {
                    bytes = now;
                    withoutFall = 0;
                }
            }
            return bytes;
        }
    }

    /** In a process of its own, because surefire turns on assertions, and with them Chronicle keeps objects. */
    @Test
    void aThousandTimesLeaveNothingBehind() throws Exception {
        assumeTrue(Files.exists(DESCRIPTORS), "there is no /proc");
        try (ChildProcess process = ChildProcess.start(ManyTimes.class, List.of(), temporary.resolve("store"))) {
            long heapBytes = Long.parseLong(process.readLine());
            String rest = process.readLine();
            long grownBytes = Long.parseLong(process.readLine()) - heapBytes;

            assertEquals(rest, process.readLine());
            // Less than one small object for each.
            assertTrue(grownBytes < 64 * 1024, () -> "grownBytes=" + grownBytes);
        }
    }

    @Test
    void openAndCloseLeaveNothingInTheProcess() throws IOException {
        assumeTrue(Files.exists(DESCRIPTORS), "there is no /proc");
        Path root = temporary.resolve("store");
        for (int i = 0; i < 5; i++) {
            use(root);
        }
        long descriptors = count(DESCRIPTORS);
        Set<String> threads = threadNames();

        for (int i = 0; i < 100; i++) {
            use(root);
        }

        assertEquals(descriptors, count(DESCRIPTORS));
        assertEquals(threads, threadNames());
        try (Stream<String> mappings = Files.lines(MAPPINGS)) {
            assertEquals(
                    List.of(),
                    mappings.filter(line -> line.contains(root.toString())).toList());
        }
    }

    @Test
    void anOpenLogThatNobodyAppendsToHasNoDescriptorAndNoMapping() throws IOException {
        assumeTrue(Files.exists(DESCRIPTORS), "there is no /proc");
        Path root = temporary.resolve("store");
        use(root);
        try (LogStore store = Logs.open(root)) {
            long descriptors = count(DESCRIPTORS);
            store.openLog(Logs.NAME);
            for (int i = 0; i < 100; i++) {
                store.openLog("log-" + i);
            }

            assertEquals(descriptors, count(DESCRIPTORS));
            try (Stream<String> mappings = Files.lines(MAPPINGS)) {
                assertFalse(mappings.anyMatch(line -> line.contains(root.toString())));
            }
        }
    }

    @Test
    void aSmallLogTakesLittleRoom() throws IOException {
        Path root = temporary.resolve("store");
        use(root);

        assertTrue(Files.size(Logs.segment(root)) <= 8 * 1024, "size=" + Files.size(Logs.segment(root)));
    }

    @Test
    void writesNothingIntoTheHomeOrWorkingDirectoryAndPrintsNothing() throws Exception {
        Path home = Files.createDirectory(temporary.resolve("home"));
        List<String> jvmArgs = List.of(
                "-Duser.home=" + home,
                "-Djava.io.tmpdir=" + home,
                "-Dorg.slf4j.simpleLogger.logFile=" + temporary.resolve("log.txt"));
        try (ChildProcess user = ChildProcess.start(User.class, jvmArgs, temporary.resolve("store"))) {
            assertNull(user.readLine());
        }
        assertEquals(0, count(home));
        String log = Files.readString(temporary.resolve("log.txt"));
        assertFalse(log.contains("WARN") || log.contains("ERROR"), log);
    }

    @Test
    void chronicleCannotCallHome() {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("net.openhft.chronicle.analytics.Analytics"));
        assertFalse(System.getProperty("java.class.path").contains("chronicle-analytics"));
    }

    private static void use(Path root) {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog(Logs.NAME);
            Logs.appendNumbered(log, 2);
            log.flush();
            try (LogCursor cursor = log.newCursor()) {
                assertTrue(cursor.next(log.endOffset()));
            }
            store.stateFile("state").write(new byte[1]);
        }
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        }
    }

    private static Set<String> threadNames() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }
}
