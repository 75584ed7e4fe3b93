package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.runtime.ChildJvm;
import io.tidemill.simulation.Outcomes;
import io.tidemill.testkit.ClusterSimulation.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** P08, P10, E01, B04, K03, L01, L05, T03: whole clusters under everything that happens to them. */
class ClusterSimulationTest {
    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void nothingThatWasAcknowledgedIsLostOrDoubledOrOvertaken() {
        run(0, SEEDS);
    }

    /** How many can be said with {@code -Dtidemill.test.seeds=}. */
    @Test
    @Tag("long")
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void theSameForManySeeds() {
        run(0, Integer.getInteger("tidemill.test.seeds", MANY_SEEDS));
    }

    @Test
    void oneSeedGivesOneRun() {
        assertEquals(new ClusterSimulation(3).run(), new ClusterSimulation(3).run());
    }

    /** Which has its sets in another order. */
    @Test
    void oneSeedGivesTheSameRunInAnotherJvm() throws IOException, InterruptedException {
        List<String> oneSeed =
                List.of("-D" + ClusterSeeds.FROM_PROPERTY + "=2", "-D" + ClusterSeeds.TO_PROPERTY + "=3");

        ChildJvm.Result result = ChildJvm.run(ChildJvm.running(), ClusterSeeds.class, oneSeed, PATIENCE);

        assertEquals("2 " + new ClusterSimulation(2).run(), result.stdout().strip(), result::stderr);
    }

    private static void run(long first, int seeds) {
        Outcomes.of("ClusterSimulation", first, seeds, seed -> new ClusterSimulation(seed).run())
                .requireOnAverage(1_000, "acknowledged", Outcome::acknowledged)
                .requireOnAverage(20, "acknowledgedByLeader", Outcome::acknowledgedByLeader)
                .requireOnAverage(50, "mismatches", Outcome::mismatches)
                .requireOnAverage(5, "crashes", Outcome::crashes)
                .requireOnAverage(0.25, "moves", Outcome::moves)
                .requireOnAverage(8, "leaderEpochs", Outcome::leaderEpochs);
    }
}
