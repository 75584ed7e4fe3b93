package io.tidemill.log;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.tidemill.architecture.EveryModule;
import io.tidemill.architecture.Rules;
import org.junit.jupiter.api.Test;

/** The design's "Never" list, for log. */
final class ArchitectureTest extends EveryModule {
    private static final JavaClasses CLASSES = Rules.mainClasses();

    @Test
    void staysInItsPackage() {
        Rules.staysInPackage("io.tidemill.log").check(CLASSES);
    }

    @Test
    void neverSeesAPeer() {
        Rules.neverSees("io.tidemill.groups..", "io.tidemill.replication..", "io.tidemill.testkit..")
                .check(CLASSES);
    }

    @Test
    void seesChronicleFromOnePackageOnly() {
        Rules.seesOnlyFrom("net.openhft..", "io.tidemill.log.chronicle").check(CLASSES);
    }

    @Test
    void opensNoSocket() {
        Rules.noSockets().check(CLASSES);
    }

    @Test
    void touchesTheEnvironmentInChroniclesPackageOnly() {
        Rules.environmentOnlyIn("io.tidemill.log.chronicle").check(CLASSES);
    }
}
