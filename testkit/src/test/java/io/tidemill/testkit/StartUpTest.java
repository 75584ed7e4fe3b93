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
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * X02 and X03: what it costs to open a broker, create a topic, send a record, read it and close, in a fresh JVM and in one
 * that has done it before. Real time and a real machine, so the best of a few JVMs is taken, and here the best of a few medians.
 * The limits of fresh JVMs are those of a machine that starts H2 in {@value #H2_MS} ms; on one that is slower at the time they
 * are so many times longer.
 */
class StartUpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CHILDREN = 3;
    private static final double H2_MS = 500;
    private static final int WARM_UPS = 300;
    private static final int BROKERS = 51;
    private static final int MEDIANS = 3;

    @TempDir
    Path directory;

    private int opened;

    @Test
    void takesHalfAProcessorSecondInAFreshJvmInMemory() throws IOException, InterruptedException {
        assertFreshJvmTakesAtMost(500, List.of());
    }

    @Test
    void takesLessThanTwoProcessorSecondsInAFreshJvmOnDisk() throws IOException, InterruptedException {
        assertFreshJvmTakesAtMost(1_700, List.of("-D" + StartUpRun.DIRECTORY_PROPERTY + "=data"));
    }

    /** In turn with H2, so that both see the same machine. */
    private void assertFreshJvmTakesAtMost(int limitMs, List<String> jvmArgs) throws IOException, InterruptedException {
        int bestMs = Integer.MAX_VALUE;
        int bestOfH2Ms = Integer.MAX_VALUE;
        for (int i = 0; i < CHILDREN; i++) {
            bestMs = Math.min(bestMs, processorMs(StartUpRun.class, jvmArgs));
            bestOfH2Ms = Math.min(bestOfH2Ms, processorMs(StartUpOfH2.class, List.of()));
        }
        System.out.println("start-up of H2 took " + bestOfH2Ms + " ms");
        assertAtMost(limitMs * Math.max(1, bestOfH2Ms / H2_MS), bestMs);
    }

    private int processorMs(Class<?> mainClass, List<String> jvmArgs) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(directory, "child-");
        ChildJvm.Result result = ChildJvm.runIn(work, ChildJvm.running(), mainClass, jvmArgs, PATIENCE);
        assertEquals(0, result.exitCode(), result::stderr);
        return Integer.parseInt(result.stdout().strip());
    }

    @Test
    void opensAnotherBrokerWithinFiveMillisecondsInMemory() {
        assertAtMost(5, bestMedianMs(Broker::inMemory));
    }

    @Test
    void opensAnotherBrokerWithinTwentyMillisecondsOnDisk() {
        assertAtMost(20, bestMedianMs(() -> Broker.open(ChronicleLog.at(directory.resolve("broker-" + opened++)))));
    }

    private double bestMedianMs(Supplier<Broker> open) {
        medianMs(open, WARM_UPS);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < MEDIANS; i++) {
            best = Math.min(best, medianMs(open, BROKERS));
        }
        return best;
    }

    private static double medianMs(Supplier<Broker> open, int brokers) {
        double[] tookMs = new double[brokers];
        for (int i = 0; i < brokers; i++) {
            long startNs = System.nanoTime();
            StartUpRun.run(open.get());
            tookMs[i] = (System.nanoTime() - startNs) / 1e6;
        }
        Arrays.sort(tookMs);
        return tookMs[brokers / 2];
    }

    private static void assertAtMost(double limitMs, double tookMs) {
        System.out.printf("start-up took %.1f ms, limit %.0f ms%n", tookMs, limitMs);
        assertTrue(tookMs <= limitMs, () -> "took " + tookMs + " ms, limit " + limitMs + " ms");
    }
}
