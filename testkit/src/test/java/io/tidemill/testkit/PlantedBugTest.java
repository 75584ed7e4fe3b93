package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.tidemill.planted.PatchedPackages;
import io.tidemill.runtime.JvmAccess;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation of clusters finds what is wrong with the replicas and their brokers. */
class PlantedBugTest {
    static {
        JvmAccess.ensureAgrona();
    }

    /** Where a change of the brokers or the simulation has moved it, another seed is not far. */
    private static final int SEEDS = 30;

    @ParameterizedTest
    @EnumSource
    void isFound(PlantedBug bug) throws ReflectiveOperationException {
        PatchedPackages brokers = PlantedBugSearch.patched(bug);

        for (long seed = bug.seed(); seed < bug.seed() + SEEDS; seed++) {
            if (brokers.failureOf(seed) != null) {
                if (seed != bug.seed()) {
                    System.out.println("found at another seed: bug=" + bug + ", seed=" + seed);
                }
                return;
            }
        }
        fail("not found: " + bug + "; PlantedBugSearch may find another seed");
    }
}
