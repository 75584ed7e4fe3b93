package io.tidemill.replication.raft;

import static org.junit.jupiter.api.Assertions.fail;

import io.tidemill.planted.PatchedPackages;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation finds what is wrong with a core. */
class PlantedBugTest {
    /** As many as {@link RaftSimulationTest} tries each time. */
    private static final int SEEDS = 300;

    @ParameterizedTest
    @EnumSource
    void isFound(PlantedBug bug) throws ReflectiveOperationException {
        PatchedPackages core = new PatchedPackages(
                RaftSimulation.class, List.of(RaftSimulation.class.getPackageName()), bug.patches());

        for (int i = 0; i < SEEDS; i++) {
            // From the known one on, which saves the time of looking for it.
            int seed = (bug.seed() + i) % SEEDS;
            if (core.failureOf(seed) != null) {
                if (seed != bug.seed()) {
                    System.out.println("found at another seed: bug=" + bug + ", seed=" + seed);
                }
                return;
            }
        }
        fail("not found: " + bug);
    }
}
