package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.log.ChronicleLog;
import io.tidemill.runtime.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * X02 and X03: what it costs to open a broker, create a topic, send a record, read it and close, in a fresh JVM and in one
 * that has done it before. Real time and a real machine, so the best of a few is taken in a JVM of its own, and the median of
 * many here.
 */
class StartUpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CHILDREN = 3;
    private static final int WARM_UPS = 100;
    private static final int BROKERS = 51;

    @TempDir
    Path directory;

    @Test
    void takesHalfAProcessorSecondInAFreshJvmInMemory() throws IOException, InterruptedException {
        assertAtMost(500, bestOfChildren(List.of()));
    }

    @Test
    void takesLessThanTwoProcessorSecondsInAFreshJvmOnDisk() throws IOException, InterruptedException {
        assertAtMost(1_700, bestOfChildren(List.of("-D" + StartUpRun.DIRECTORY_PROPERTY + "=data")));
    }

    private int bestOfChildren(List<String> jvmArgs) throws IOException, InterruptedException {
        int best = Integer.MAX_VALUE;
        for (int i = 0; i < CHILDREN; i++) {
            Path work = Files.createDirectory(directory.resolve("child-" + i));
            ChildJvm.Result result = ChildJvm.runIn(work, ChildJvm.running(), StartUpRun.class, jvmArgs, PATIENCE);
            assertEquals(0, result.exitCode(), result::stderr);
            best = Math.min(best, Integer.parseInt(result.stdout().strip()));
        }
        return best;
    }

    @Test
    void opensAnotherBrokerWithinFiveMillisecondsInMemory() {
        assertAtMost(5, medianMs(number -> Broker.inMemory()));
    }

    @Test
    void opensAnotherBrokerWithinTwentyMillisecondsOnDisk() {
        assertAtMost(20, medianMs(number -> Broker.open(ChronicleLog.at(directory.resolve("broker-" + number)))));
    }

    private static double medianMs(IntFunction<Broker> open) {
        double[] tookMs = new double[BROKERS];
        for (int i = -WARM_UPS; i < BROKERS; i++) {
            long startNs = System.nanoTime();
            StartUpRun.run(open.apply(i + WARM_UPS));
            tookMs[Math.max(i, 0)] = (System.nanoTime() - startNs) / 1e6;
        }
        Arrays.sort(tookMs);
        return tookMs[BROKERS / 2];
    }

    private static void assertAtMost(double limitMs, double tookMs) {
        System.out.printf("start-up took %.1f ms, limit %.0f ms%n", tookMs, limitMs);
        assertTrue(tookMs <= limitMs, () -> "took " + tookMs + " ms, limit " + limitMs + " ms");
    }
}
