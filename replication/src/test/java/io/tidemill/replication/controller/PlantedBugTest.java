package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.fail;

import io.tidemill.planted.PatchedPackages;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation finds what is wrong with a controller. */
class PlantedBugTest {
    /** Bounds the time of a bug that is not found. */
    private static final int SEEDS = 1_000;

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void isFound(PlantedBug bug) throws ReflectiveOperationException {
        PatchedPackages patched = new PatchedPackages(
                ClusterSimulation.class, List.of(ClusterSimulation.class.getPackageName()), bug.patches());

        for (int seed = 0; seed < SEEDS; seed++) {
            Throwable failure = patched.failureOf(seed);
            if (failure != null) {
                System.out.println(bug + ": first seed " + seed + ", " + failure.getMessage());
                return;
            }
        }
        fail("not found: " + bug);
    }
}
