package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.tidemill.runtime.JvmAccess;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation of clusters finds what is wrong with the replicas and their brokers. */
class PlantedBugTest {
    static {
        JvmAccess.ensureAgrona();
    }

    @ParameterizedTest
    @EnumSource
    void isFound(PlantedBug bug) throws ReflectiveOperationException {
        assertNotNull(
                PlantedBugSearch.patched(bug).failureOf(bug.seed()),
                "not found; with another simulation, PlantedBugSearch finds another seed: seed=" + bug.seed());
    }
}
