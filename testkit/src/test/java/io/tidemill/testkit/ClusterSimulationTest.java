package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** P08, E01, B04, K03, L01, L05: whole clusters under everything that happens to them. */
class ClusterSimulationTest {
    private static final int SEEDS = 30;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void nothingThatWasAcknowledgedIsLostOrDoubledOrOvertaken() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void theSameForManySeeds() {
        run(0, MANY_SEEDS);
    }

    @Test
    void oneSeedGivesOneRun() {
        assertEquals(new ClusterSimulation(1, 3).run(), new ClusterSimulation(1, 3).run());
    }

    static void run(long first, int seeds) {
        int acknowledged = 0;
        int acknowledgedByLeader = 0;
        int crashes = 0;
        int moves = 0;
        int leaderEpochs = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            int brokers = seed % 10 == 9 ? 7 : seed % 5 == 4 ? 5 : 3;
            ClusterSimulation.Outcome outcome = new ClusterSimulation(seed, brokers).run();
            acknowledged += outcome.acknowledged();
            acknowledgedByLeader += outcome.acknowledgedByLeader();
            crashes += outcome.crashes();
            moves += outcome.moves();
            leaderEpochs += outcome.leaderEpochs();
        }
        assertTrue(
                acknowledged > 100 * seeds
                        && acknowledgedByLeader > 50 * seeds
                        && crashes > seeds
                        && moves > seeds / 4
                        && leaderEpochs > 4 * seeds,
                "acknowledged=" + acknowledged + ", byLeader=" + acknowledgedByLeader + ", crashes=" + crashes
                        + ", moves=" + moves + ", leaderEpochs=" + leaderEpochs);
    }
}
