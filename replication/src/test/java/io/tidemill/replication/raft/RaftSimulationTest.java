package io.tidemill.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tidemill.replication.raft.RaftSimulation.Outcome;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.simulation.Outcomes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** K03: one leader in a term at most, and what is committed stays, whatever happens to servers, disks and the network. */
class RaftSimulationTest {
    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;
    private static final int STORED_SEEDS = 50;
    private static final int MANY_STORED_SEEDS = 1_000;

    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void holdsUnderEverythingThatHappens() {
        run(0, SEEDS, false);
    }

    @Test
    void holdsWithStoresOnItsDisks() {
        run(0, STORED_SEEDS, true);
    }

    @Test
    @Tag("long")
    void holdsUnderMuchMore() {
        run(SEEDS, MANY_SEEDS, false);
    }

    @Test
    @Tag("long")
    void holdsWithStoresUnderMuchMore() {
        run(STORED_SEEDS, MANY_STORED_SEEDS, true);
    }

    @Test
    void oneSeedIsOneRun() {
        assertEquals(new RaftSimulation(7).run(), new RaftSimulation(7).run());
        assertNotEquals(
                new RaftSimulation(7).run().trace(), new RaftSimulation(8).run().trace());
    }

    private static void run(int firstSeed, int seeds, boolean isStored) {
        Outcomes.of("RaftSimulation", firstSeed, seeds, seed -> new RaftSimulation(seed, isStored).run())
                .requireOnAverage(3, "terms", Outcome::terms)
                .requireOnAverage(100, "committed", Outcome::committed)
                .requireOnAverage(20, "reads", Outcome::reads)
                .requireOnAverage(1, "restores", Outcome::restores)
                .requireOnAverage(3, "changes", Outcome::changes);
    }
}
