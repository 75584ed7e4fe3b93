package io.tidemill.log;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A small file system of its own; a test that needs one is skipped where none may be mounted. */
final class TemporaryMount implements AutoCloseable {
    private final Path path;

    private TemporaryMount(Path path) {
        this.path = path;
    }

    static TemporaryMount tmpfs(Path path, String options) throws IOException {
        Files.createDirectory(path);
        String failure = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString());
        assumeTrue(failure.isEmpty(), () -> "cannot mount a tmpfs: " + failure);
        return new TemporaryMount(path);
    }

    /** A file system of its own in a file: what was not flushed is not in the file. */
    static TemporaryMount ext4(Path path, Path image, long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), bytes - 1);
        }
        String failure = run("mkfs.ext4", "-q", "-F", image.toString());
        assumeTrue(failure.isEmpty(), () -> "cannot make an ext4: " + failure);
        return image(path, image);
    }

    /** What such a file holds. */
    static TemporaryMount image(Path path, Path image) throws IOException {
        Files.createDirectory(path);
        String failure = run("mount", "-o", "loop", image.toString(), path.toString());
        assumeTrue(failure.isEmpty(), () -> "cannot mount a file: " + failure);
        return new TemporaryMount(path);
    }

    Path path() {
        return path;
    }

    void remountReadOnly() throws IOException {
        String failure = run("mount", "-o", "remount,ro", path.toString());
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        // Lazily: a file that a failed test left open must not keep it.
        String failure = run("umount", "-l", path.toString());
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }

    /** What a command complained about; empty when it succeeded. */
    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.onExit().join().exitValue();
            return exitCode == 0 ? "" : "exitCode=" + exitCode + ", output=" + output.strip();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
