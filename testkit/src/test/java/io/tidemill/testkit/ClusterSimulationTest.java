package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** P08, P10, E01, B04, K03, L01, L05, T03: whole clusters under everything that happens to them. */
class ClusterSimulationTest {
    private static final int SEEDS = 150;
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

    static void run(long first, int seeds) {
        int acknowledged = 0;
        int acknowledgedByLeader = 0;
        int mismatches = 0;
        int crashes = 0;
        int moves = 0;
        int leaderEpochs = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            ClusterSimulation.Outcome outcome = new ClusterSimulation(seed).run();
            acknowledged += outcome.acknowledged();
            acknowledgedByLeader += outcome.acknowledgedByLeader();
            mismatches += outcome.mismatches();
            crashes += outcome.crashes();
            moves += outcome.moves();
            leaderEpochs += outcome.leaderEpochs();
        }
        assertTrue(
                acknowledged > 1_000 * seeds
                        && acknowledgedByLeader > 20 * seeds
                        && mismatches > 50 * seeds
                        && crashes > 5 * seeds
                        && moves > seeds / 4
                        && leaderEpochs > 8 * seeds,
                "acknowledged=" + acknowledged + ", byLeader=" + acknowledgedByLeader + ", mismatches=" + mismatches
                        + ", crashes=" + crashes + ", moves=" + moves + ", leaderEpochs=" + leaderEpochs);
    }
}
