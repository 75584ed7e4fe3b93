package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.fail;

import io.tidemill.planted.PatchedPackages;
import io.tidemill.replication.secret.Protection;
import io.tidemill.runtime.JvmAccess;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation finds what is wrong with the links. */
class PlantedBugTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final List<String> PACKAGES =
            List.of(LinkSimulation.class.getPackageName(), Protection.class.getPackageName());

    /** As many as the fast test of the simulation runs. */
    private static final int SEEDS = 300;

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void isFound(PlantedBug bug) throws ReflectiveOperationException {
        PatchedPackages links = new PatchedPackages(LinkSimulation.class, PACKAGES, bug.patches());

        for (int seed = 0; seed < SEEDS; seed++) {
            Throwable failure = links.failureOf(seed);
            if (failure != null) {
                System.out.println(bug + ": first seed " + seed + ", " + failure);
                return;
            }
        }
        fail("not found: " + bug);
    }
}
