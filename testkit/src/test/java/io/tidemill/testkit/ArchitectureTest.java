package io.tidemill.testkit;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.tidemill.architecture.EveryModule;
import io.tidemill.architecture.Rules;
import org.junit.jupiter.api.Test;

/** The design's "Never" list, for testkit. */
final class ArchitectureTest extends EveryModule {
    private static final JavaClasses CLASSES = Rules.mainClasses();

    @Test
    void staysInItsPackage() {
        Rules.staysInPackage("io.tidemill.testkit").check(CLASSES);
    }

    @Test
    void neverSeesTheDurableLog() {
        Rules.neverSees("io.tidemill.log..", "net.openhft..").check(CLASSES);
    }

    @Test
    void touchesNoFile() {
        Rules.noFiles().check(CLASSES);
    }

    @Test
    void opensNoSocket() {
        Rules.noSockets().check(CLASSES);
    }

    @Test
    void touchesTheEnvironmentInRuntimeOnly() {
        Rules.environmentOnlyIn("io.tidemill.runtime").check(CLASSES);
    }
}
