package io.tidemill.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, as a user runs it. */
class TelemetryTest {
    @Test
    void checksItselfAndCleansUp(@TempDir Path temporary) throws IOException, InterruptedException {
        List<String> options = List.of("-Djava.io.tmpdir=" + temporary, "-XX:-UsePerfData");

        ChildJvm.Result result = ChildJvm.run(ChildJvm.jdks().get(0), Telemetry.class, options, Duration.ofSeconds(60));

        assertEquals(0, result.exitCode(), () -> result.stdout() + result.stderr());
        assertTrue(result.stdout().endsWith("OK\n"), result::stdout);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
