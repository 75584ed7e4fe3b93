package io.tidemill.groups.coordinator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.groups.coordinator.GroupSimulation.Outcome;
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
        long rebalances = 0;
        long commits = 0;
        long fencedCommits = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                Outcome outcome = new GroupSimulation(seed).run();
                rebalances += outcome.rebalances();
                commits += outcome.commits();
                fencedCommits += outcome.fencedCommits();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failing seed: new GroupSimulation(" + seed + ").run()", e);
            }
        }
        assertTrue(rebalances > 10L * seeds, "rebalances=" + rebalances);
        assertTrue(commits > 5L * seeds, "commits=" + commits);
        assertTrue(fencedCommits > seeds / 2, "fencedCommits=" + fencedCommits);
    }
}
