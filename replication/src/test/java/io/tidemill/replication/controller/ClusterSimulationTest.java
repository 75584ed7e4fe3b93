package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.controller.ClusterSimulation.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** K02, K03: metadata is the same everywhere, an epoch has one leader, and what is committed stays, whatever happens to brokers. */
class ClusterSimulationTest {
    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void holdsUnderEverythingThatHappens() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void holdsUnderMuchMore() {
        run(SEEDS, MANY_SEEDS);
    }

    @Test
    void oneSeedIsOneRun() {
        assertEquals(new ClusterSimulation(7).run(), new ClusterSimulation(7).run());
    }

    private static void run(int firstSeed, int seeds) {
        long decisions = 0;
        long refusals = 0;
        long commits = 0;
        long lossy = 0;
        long eligible = 0;
        long moves = 0;
        long stops = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                Outcome outcome = new ClusterSimulation(seed).run();
                decisions += outcome.decisions();
                refusals += outcome.refusals();
                commits += outcome.commits();
                lossy += outcome.lossyElections();
                eligible += outcome.eligibleElections();
                moves += outcome.moves();
                stops += outcome.stops();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failing seed: new ClusterSimulation(" + seed + ").run()", e);
            }
        }
        String seen = "decisions=" + decisions + ", refusals=" + refusals + ", commits=" + commits + ", lossy=" + lossy
                + ", eligible=" + eligible + ", moves=" + moves + ", stops=" + stops + ", seeds=" + seeds;
        assertTrue(decisions > 80L * seeds, seen);
        assertTrue(refusals > 40L * seeds, seen);
        assertTrue(commits > 80L * seeds, seen);
        assertTrue(eligible > 4L * seeds, seen);
        assertTrue(lossy > 2L * seeds, seen);
        assertTrue(moves > 10L * seeds, seen);
        assertTrue(stops > seeds, seen);
    }
}
