package io.tidemill.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.junit.jupiter.api.Test;

/** What holds in every published module; each module's own test adds what holds there. */
public abstract class EveryModule {
    private static final JavaClasses CLASSES = Rules.mainClasses();

    @Test
    void takesThreadsClocksAndChanceFromSeams() {
        Rules.threadsClocksAndChanceOnlyInRuntime().check(CLASSES);
    }

    @Test
    void keepsPureCoresPure() {
        Rules.pureCoresTouchNothing().check(CLASSES);
    }

    @Test
    void hidesInternalTypesFromItsApi() {
        Rules.apiHidesInternals().check(CLASSES);
    }

    @Test
    void logsWithSlf4jOnly() {
        Rules.logsWithSlf4jOnly().check(CLASSES);
    }

    @Test
    void marksEveryPackageForNullChecks() {
        Rules.packagesAreNullMarked().check(CLASSES);
    }
}
