package io.tidemill.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.raft.RaftSimulation.Outcome;
import io.tidemill.runtime.JvmAccess;
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
        long terms = 0;
        long committed = 0;
        long reads = 0;
        long restores = 0;
        long changes = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                Outcome outcome = new RaftSimulation(seed, isStored).run();
                terms += outcome.terms();
                committed += outcome.committed();
                reads += outcome.reads();
                restores += outcome.restores();
                changes += outcome.changes();
            } catch (AssertionError e) {
                throw new AssertionError("failing seed: new RaftSimulation(" + seed + ", " + isStored + ").run()", e);
            }
        }
        String seen = "terms=" + terms + ", committed=" + committed + ", reads=" + reads + ", restores=" + restores
                + ", changes=" + changes + ", seeds=" + seeds;
        assertTrue(terms > 3L * seeds, seen);
        assertTrue(committed > 100L * seeds, seen);
        assertTrue(reads > 20L * seeds, seen);
        assertTrue(restores > seeds, seen);
        assertTrue(changes > 3L * seeds, seen);
    }
}
