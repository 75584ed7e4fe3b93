package io.tidemill.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D01: the README's example is the compiled sample, to the letter, and the sample runs. */
class ReadmeTest {
    private static final Path README = Path.of("../README.md");
    private static final Path CLUSTER_PAGE = Path.of("../docs/CLUSTER.md");
    private static final Path CLUSTER_SAMPLE = Path.of("src/main/java/io/tidemill/samples/OneOfThree.java");
    private static final Path SAMPLE = Path.of("src/main/java/io/tidemill/samples/QuickStart.java");

    @Test
    void showsTheCompiledSampleInAtMostFifteenLines() throws IOException {
        String shown = between(Files.readString(README), "```java\n", "```");
        String compiled = between(Files.readString(SAMPLE), "// region quick-start\n", "        // endregion");

        assertEquals(compiled.indent(-8), shown);
        assertTrue(shown.lines().count() <= 15);
    }

    @Test
    void thePageOnClustersShowsTheCompiledSample() throws IOException {
        String shown = between(Files.readString(CLUSTER_PAGE), "```java\n", "```");
        String compiled = between(Files.readString(CLUSTER_SAMPLE), "// region cluster\n", "        // endregion");

        assertEquals(compiled.indent(-8), shown);
    }

    @Test
    void theSampleRunsTwice(@TempDir Path directory) throws IOException, InterruptedException {
        // The second time the group goes on behind what it has read.
        for (int run = 0; run < 2; run++) {
            ChildJvm.Result result = ChildJvm.runIn(
                    directory, ChildJvm.jdks().get(0), QuickStart.class, List.of(), Duration.ofSeconds(60));

            assertEquals(0, result.exitCode(), result::stderr);
            assertEquals("customer-123 paid 25.99\n", result.stdout());
        }
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        assertTrue(from >= 0, () -> "no " + start.strip());
        return text.substring(from + start.length(), text.indexOf(end, from + start.length()));
    }
}
