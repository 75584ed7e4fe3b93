package io.tidemill.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** O02: a failure is thrown at somebody or logged, never both, and never neither. */
@ResourceLock(Resources.SYSTEM_ERR)
class ThrownOrLoggedTest {
    private static final String FAILURE = "planted failure";
    /** More than the life below has. */
    private static final int WRITES_MAX = 100;

    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    /** Where the tests' logger writes. */
    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(log, true, UTF_8));
    }

    @AfterEach
    void stopListening() {
        System.setErr(stderr);
    }

    @Test
    void isToldOnceWhicheverWriteFails() {
        Set<String> thrown = new TreeSet<>();
        Set<String> logged = new TreeSet<>();
        int failingWrite = 0;
        boolean hasFailed = true;
        while (hasFailed) {
            log.reset();
            Storage storage = Engine.CHRONICLE.storage(directory.resolve("" + failingWrite));
            FaultyStorage faulty = new FaultyStorage(storage, failingWrite);
            StringWriter thrownText = new StringWriter();
            live(faulty, new PrintWriter(thrownText, true));
            hasFailed = faulty.hasFailed();
            if (hasFailed) {
                boolean isThrown = thrownText.toString().contains(FAILURE);
                long lines = log.toString(UTF_8)
                        .lines()
                        .filter(line -> line.contains(FAILURE))
                        .count();
                String what = "failingWrite=" + failingWrite + ", thrown=" + thrownText + ", logged=" + log;
                assertEquals(isThrown ? 0 : 1, lines, what);
                (isThrown ? thrown : logged).add(writeOf(isThrown ? thrownText.toString() : log.toString(UTF_8)));
            }
            failingWrite++;
            assertTrue(failingWrite < WRITES_MAX);
        }

        assertEquals(Set.of("append", "flush", "open __cluster_metadata-0", "open t-0"), thrown);
        assertEquals(Set.of("compact", "deleteOld", "flush"), logged);
    }

    private static String writeOf(String text) {
        int begin = text.indexOf(FAILURE + ": write=") + (FAILURE + ": write=").length();
        return text.substring(begin).lines().findFirst().orElseThrow();
    }

    /** Whatever fails, it goes on. */
    private static void live(Storage storage, PrintWriter thrown) {
        ManualClock clock = new ManualClock();
        Duration check = Duration.ofMinutes(5);
        Seams seams = new Seams(clock, clock, new SplittableRandom(1), Threads.manual());
        TopicSettings settings = TopicSettings.partitions(1)
                .with("cleanup.policy", "compact,delete")
                .withRetention(Duration.ofHours(1))
                .withFlush(new FlushSettings(LogSettings.UNLIMITED, 1_000));
        try (Broker broker = Broker.open(storage, BrokerSettings.defaults().withRetentionCheckInterval(check), seams)) {
            attempt(thrown, () -> broker.createTopic("t", settings));
            attempt(thrown, () -> {
                Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), settings);
                for (int i = 0; i < 3; i++) {
                    attempt(thrown, () -> topic.send("k", "v").join());
                    clock.advance(Duration.ofSeconds(2));
                    broker.doWork();
                }
            });
            clock.advance(check);
            broker.doWork();
            attempt(thrown, () -> broker.alterTopic("t", now -> now.withPartitions(1)));
        } catch (RuntimeException e) {
            e.printStackTrace(thrown);
        }
    }

    private static void attempt(PrintWriter thrown, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            e.printStackTrace(thrown);
        }
    }
}
