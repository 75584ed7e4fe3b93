package io.tidemill.groups.coordinator;

import io.tidemill.groups.coordinator.GroupSimulation.Outcome;
import io.tidemill.simulation.Outcomes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** G01: every partition has one live owner at most, and a zombie's commit is fenced. */
class GroupSimulationTest {
    private static final int SEEDS = 500;
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

    private static void run(int firstSeed, int seeds) {
        Outcomes.of("GroupSimulation", firstSeed, seeds, seed -> new GroupSimulation(seed).run())
                .requireOnAverage(10, "rebalances", Outcome::rebalances)
                .requireOnAverage(5, "commits", Outcome::commits)
                .requireOnAverage(0.5, "fencedCommits", Outcome::fencedCommits);
    }
}
