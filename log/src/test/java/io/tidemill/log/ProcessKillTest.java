package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.Batches;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I07: after kill -9 everything acknowledged is there, in order, without a hole, and the log goes on. */
final class ProcessKillTest {
    private static final long SEED = 7;
    private static final LogSettings COMPACTED = LogSettings.defaults()
            .withSegmentBytes(64 * 1024)
            .withCleanup(new CleanupSettings(CleanupPolicy.COMPACT, 0, 0, 1_000));

    @TempDir
    private Path root;

    /** Appends for ever, and prints after each batch where the log ends. */
    static final class Appender {
        public static void main(String[] args) {
            RandomGenerator random = new SplittableRandom(Long.parseLong(args[1]));
            System.out.println("opening");
            PartitionLog log = Logs.open(Path.of(args[0]))
                    .openLog(Logs.NAME, LogSettings.defaults().withSegmentBytes(Long.parseLong(args[2])));
            System.out.println(log.endOffset());
            Thread maintenance = new Thread(() -> maintain(log));
            maintenance.setDaemon(true);
            maintenance.start();
            while (true) {
                int recordCount = random.nextInt(random.nextInt(20) == 0 ? 2_000 : 50) + 1;
                Logs.append(log, Batches.numbered(log.endOffset(), recordCount));
                System.out.println(log.endOffset());
            }
        }
    }

    private static void maintain(PartitionLog log) {
        while (true) {
            if (!log.maintain()) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void keepsWhatWasAcknowledged() throws Exception {
        killAndCheck(10);
    }

    @Tag("long")
    @Test
    void keepsWhatWasAcknowledgedManyTimes() throws Exception {
        killAndCheck(200);
    }

    private void killAndCheck(int rounds) throws Exception {
        RandomGenerator random = new SplittableRandom(SEED);
        long recordCount = 0;
        for (int round = 0; round < rounds; round++) {
            int lines = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(1_500);
            long acknowledged = recordCount;
            // Some in a file or two, some in dozens.
            long segmentBytes = 500_000L << random.nextInt(8);
            try (ChildProcess appender =
                    ChildProcess.start(Appender.class, List.of(), root, SEED + round, segmentBytes)) {
                assertEquals("opening", appender.readLine());
                for (int i = 0; i < lines; i++) {
                    acknowledged = Long.parseLong(appender.readLine());
                }
                appender.kill();
                for (String line = appender.readLine(); line != null; line = appender.readLine()) {
                    // The last one may be cut off by the kill itself.
                    acknowledged = line.length() < Long.toString(acknowledged).length()
                            ? acknowledged
                            : Math.max(acknowledged, Long.parseLong(line));
                }
            }
            String message = "seed=" + SEED + ", round=" + round;
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME);
                assertTrue(log.endOffset() >= acknowledged, message + ", acknowledged=" + acknowledged);
                Logs.appendNumbered(log, 5);
                recordCount = log.endOffset();
                assertEquals(recordCount, Logs.readNumbered(log), message);
            }
        }
    }

    /** Appends for ever what {@link SegmentCompactionTest#fill} does, and prints after each ten batches where the log ends. */
    static final class Compactor {
        public static void main(String[] args) {
            PartitionLog log = Logs.open(Path.of(args[0])).openLog(Logs.NAME, COMPACTED);
            // Passes without a pause, so that the end always comes in the middle of one.
            Thread compacting = new Thread(() -> {
                while (true) {
                    log.compact(log.endOffset(), () -> false);
                }
            });
            compacting.setDaemon(true);
            compacting.start();
            while (true) {
                SegmentCompactionTest.fill(log, 10);
                System.out.println(log.endOffset());
            }
        }
    }

    /** R06. */
    @Test
    void keepsTheLastValueOfEachKeyWhileItCompacts() throws Exception {
        killCompactorAndCheck(5);
    }

    @Tag("long")
    @Test
    void keepsTheLastValueOfEachKeyWhileItCompactsManyTimes() throws Exception {
        killCompactorAndCheck(200);
    }

    private void killCompactorAndCheck(int rounds) throws Exception {
        RandomGenerator random = new SplittableRandom(SEED);
        long records = 0;
        for (int round = 0; round < rounds; round++) {
            long acknowledged = 0;
            try (ChildProcess compactor = ChildProcess.start(Compactor.class, List.of(), root)) {
                for (int i = random.nextInt(1, 300); i > 0; i--) {
                    acknowledged = Long.parseLong(compactor.readLine());
                }
                compactor.kill();
            }
            String message = "seed=" + SEED + ", round=" + round;
            try (LogStore store = Logs.open(root)) {
                PartitionLog log = store.openLog(Logs.NAME, COMPACTED);
                assertTrue(log.endOffset() >= acknowledged, message + ", acknowledged=" + acknowledged);
                List<String> last = SegmentCompactionTest.lastOfEachKey(log);
                for (int key = 0; key < last.size(); key++) {
                    long offset = log.endOffset() - last.size() + key;
                    assertTrue(last.get(key).startsWith(offset + " value of " + offset), message + ", key=" + key);
                }
                records = SegmentCompactionTest.records(log);
                assertTrue(records < log.endOffset(), message);
            }
        }
        assertTrue(records > 0);
    }
}
