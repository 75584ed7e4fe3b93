package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.Broker;
import io.tidemill.runtime.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * X01, X04, X05 and the rest of B01, as a host sees them: no JVM flag, no socket, no file but in the directory that was
 * named, and none at all for a broker in memory. On every JDK that is installed.
 */
class EmbeddingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    static List<ChildJvm.Jdk> jdks() {
        return ChildJvm.jdks();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void runsWithoutFlagsSocketsOrOtherFiles(ChildJvm.Jdk jdk) throws IOException, InterruptedException {
        Path work = Files.createDirectory(directory.resolve("work"));
        Path home = Files.createDirectory(directory.resolve("home"));
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        List<String> places = List.of("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary, "-XX:-UsePerfData");

        ChildJvm.Result result = ChildJvm.runIn(work, jdk, EmbeddedRun.class, places, PATIENCE);

        assertEquals(0, result.exitCode(), result::stderr);
        assertEquals("read=2 sockets=0", result.stdout().strip(), result::stderr);
        assertEquals(List.of(work.resolve("data")), childrenOf(work));
        assertEquals(List.of(), childrenOf(home));
        assertEquals(List.of(), childrenOf(temporary));
    }

    /** P02: the libraries of the codecs reach into nothing that a JVM without flags forbids. */
    @ParameterizedTest
    @MethodSource("jdks")
    void compressesWithoutFlags(ChildJvm.Jdk jdk) throws IOException, InterruptedException {
        ChildJvm.Result result = ChildJvm.runIn(directory, jdk, CompressedRun.class, List.of(), PATIENCE);

        assertEquals(0, result.exitCode(), result::stderr);
        assertEquals(
                List.of("none 1000", "gzip 1000", "lz4 1000", "zstd 1000"),
                result.stdout().lines().toList(),
                result::stderr);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void saysOnceWhatItOpened(ChildJvm.Jdk jdk) throws IOException, InterruptedException {
        ChildJvm.Result result = ChildJvm.runIn(directory, jdk, EmbeddedRun.class, List.of(), PATIENCE);

        long lines = result.stderr()
                .lines()
                .filter(line -> line.contains("opened java.base"))
                .count();
        // One for each library that needed something, and it was Agrona that came first here.
        assertEquals(2, lines, result::stderr);
    }

    @Test
    void leavesNoFileForABrokerInMemory() throws IOException {
        Path workingDirectory = Path.of("").toAbsolutePath();
        List<Path> before = childrenOf(workingDirectory);

        Broker.inMemory().close();

        assertEquals(before, childrenOf(workingDirectory));
    }

    private static List<Path> childrenOf(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        }
    }
}
