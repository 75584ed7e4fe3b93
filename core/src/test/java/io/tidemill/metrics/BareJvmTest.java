package io.tidemill.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.ChildJvm;
import io.tidemill.runtime.ChildJvm.Jdk;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** O01: Micrometer and the flight recorder are used where they are there, and missed by nobody where they are not. */
class BareJvmTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static List<Jdk> jdks() {
        return ChildJvm.jdks();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void aBrokerWorksWithoutMicrometerAndWithoutTheFlightRecorder(Jdk jdk) throws IOException, InterruptedException {
        String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("micrometer"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> bare = List.of(
                "-cp", classPath, "--limit-modules", "java.base,java.logging,jdk.unsupported", "-Xlog:class+load");

        ChildJvm.Result result = ChildJvm.run(jdk, BareRun.class, bare, TIMEOUT);

        assertEquals(0, result.exitCode(), result::stderr);
        assertTrue(result.stdout().contains("status=UP appended=1"), result::stdout);
        assertTrue(result.stdout().contains(" io.tidemill.metrics.FlightEvents "), "what is loaded is told");
        assertFalse(result.stdout().contains(RecordedEvents.class.getName()), result::stdout);
        assertFalse(result.stdout().contains("io.tidemill.micrometer"), result::stdout);
    }

    /** It takes a tenth of a second to make events known to the recorder. */
    @ParameterizedTest
    @MethodSource("jdks")
    void eventsAreLoadedOnlyWhereSomebodyRecords(Jdk jdk) throws IOException, InterruptedException {
        ChildJvm.Result ordinary = ChildJvm.run(jdk, BareRun.class, List.of("-Xlog:class+load"), TIMEOUT);
        ChildJvm.Result recorded = ChildJvm.run(
                jdk, BareRun.class, List.of("-Xlog:class+load", "-XX:StartFlightRecording:dumponexit=false"), TIMEOUT);

        assertEquals(0, ordinary.exitCode(), ordinary::stderr);
        assertFalse(ordinary.stdout().contains(RecordedEvents.class.getName()));
        assertEquals(0, recorded.exitCode(), recorded::stderr);
        assertTrue(recorded.stdout().contains(RecordedEvents.class.getName()), "or neither test shows anything");
    }
}
