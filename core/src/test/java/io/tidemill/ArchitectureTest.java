package io.tidemill;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.tidemill.architecture.EveryModule;
import io.tidemill.architecture.Rules;
import org.junit.jupiter.api.Test;

/** The design's "Never" list, for core. */
final class ArchitectureTest extends EveryModule {
    private static final JavaClasses CLASSES = Rules.mainClasses();

    @Test
    void dependsOnThreeLibrariesAndOptionalOnesOnly() {
        Rules.dependsOnlyOn(
                        "io.tidemill..",
                        "java..",
                        "jdk.jfr..",
                        "sun.misc",
                        "org.agrona..",
                        "org.slf4j..",
                        "org.jspecify..",
                        "io.micrometer..",
                        "net.jpountz.lz4..",
                        "com.github.luben.zstd..",
                        "com.fasterxml.jackson..")
                .check(CLASSES);
    }

    /** They are optional: whoever else touched them would not work without them. */
    @Test
    void seesAnOptionalLibraryFromOnePackageOnly() {
        Rules.seesOnlyFrom("net.jpountz..", "io.tidemill.codec").check(CLASSES);
        Rules.seesOnlyFrom("com.github.luben..", "io.tidemill.codec").check(CLASSES);
        Rules.seesOnlyFrom("com.fasterxml..", "io.tidemill.json").check(CLASSES);
    }

    @Test
    void neverSeesAnotherModule() {
        Rules.neverSees(
                        "io.tidemill.log..",
                        "io.tidemill.groups..",
                        "io.tidemill.replication..",
                        "io.tidemill.testkit..")
                .check(CLASSES);
    }

    @Test
    void seesMicrometerFromOnePackageOnlyWhichNobodySees() {
        Rules.seesOnlyFrom("io.micrometer..", "io.tidemill.micrometer").check(CLASSES);
        Rules.seesOnlyFrom("io.tidemill.micrometer", "io.tidemill.micrometer").check(CLASSES);
    }

    @Test
    void usesUnsafeInRuntimeOnly() {
        Rules.seesOnlyFrom("sun.misc", "io.tidemill.runtime").check(CLASSES);
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
