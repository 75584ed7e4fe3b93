package io.tidemill.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory of its own below {@code target/} of the working directory, gone with all files when it is closed. */
final class ScratchDirectory implements AutoCloseable {
    private static final Path PARENT = Path.of("target", "benchmark-logs");

    private final Path path;

    ScratchDirectory() {
        try {
            path = Files.createTempDirectory(Files.createDirectories(PARENT), "");
            if (Files.getFileStore(path).type().equals("tmpfs")) {
                throw new IllegalStateException("no disk, run it elsewhere: directory=" + path.toAbsolutePath());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path() {
        return path;
    }

    Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> leavesFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path each : leavesFirst) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
