package io.tidemill.replication;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.tidemill.architecture.EveryModule;
import io.tidemill.architecture.Rules;
import org.junit.jupiter.api.Test;

/** The design's "Never" list, for replication. */
final class ArchitectureTest extends EveryModule {
    private static final JavaClasses CLASSES = Rules.mainClasses();

    @Test
    void staysInItsPackage() {
        Rules.staysInPackage("io.tidemill.replication").check(CLASSES);
    }

    @Test
    void neverSeesAPeer() {
        Rules.neverSees("io.tidemill.log..", "io.tidemill.groups..", "io.tidemill.testkit..")
                .check(CLASSES);
    }

    @Test
    void neverSeesChronicle() {
        Rules.neverSees("net.openhft..").check(CLASSES);
    }

    @Test
    void touchesNoFile() {
        Rules.noFiles().check(CLASSES);
    }

    @Test
    void opensSocketsInOnePackageOnly() {
        Rules.socketsOnlyIn("io.tidemill.replication.udp").check(CLASSES);
    }

    @Test
    void touchesTheEnvironmentInRuntimeOnly() {
        Rules.environmentOnlyIn("io.tidemill.runtime").check(CLASSES);
    }
}
