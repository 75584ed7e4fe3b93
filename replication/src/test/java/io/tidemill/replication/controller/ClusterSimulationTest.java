package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.replication.controller.ClusterSimulation.Outcome;
import io.tidemill.simulation.Outcomes;
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
        Outcomes.of("ClusterSimulation", firstSeed, seeds, seed -> new ClusterSimulation(seed).run())
                .requireOnAverage(80, "decisions", Outcome::decisions)
                .requireOnAverage(40, "refusals", Outcome::refusals)
                .requireOnAverage(80, "commits", Outcome::commits)
                .requireOnAverage(4, "eligibleElections", Outcome::eligibleElections)
                .requireOnAverage(2, "lossyElections", Outcome::lossyElections)
                .requireOnAverage(10, "moves", Outcome::moves)
                .requireOnAverage(1, "stops", Outcome::stops);
    }
}
