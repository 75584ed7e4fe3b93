package io.tidemill.log;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory as somebody sees it who does not hold it: nothing in it is created, locked, repaired or removed. A broker
 * may hold it meanwhile, or have died in it.
 */
final class DirectoryView {
    private final Path root;

    private DirectoryView(Path root) {
        this.root = root;
    }

    /**
     * Of a directory that a broker once opened, whatever became of its content.
     *
     * @throws StorageException when it is none
     */
    static DirectoryView of(Path root) {
        if (!Files.isDirectory(root)) {
            throw new StorageException("no such directory: directory=" + root);
        }
        if (!Files.exists(root.resolve(StoreDirectory.FORMAT_FILE))) {
            throw new StorageException(
                    "not a Tidemill directory: directory=" + root + ", missing=" + StoreDirectory.FORMAT_FILE);
        }
        return new DirectoryView(root);
    }

    /**
     * Of a directory whose format is known.
     *
     * @throws StorageException when it is none
     */
    static DirectoryView ofKnownFormat(Path root) {
        DirectoryView view = of(root);
        try {
            StoreDirectory.format(root).read();
        } catch (CorruptRecordException e) {
            throw new StorageException("format file is damaged: directory=" + root, e);
        }
        return view;
    }

    Path root() {
        return root;
    }

    /** Whether a broker seems to write here now. */
    boolean isHeld() {
        return DirectoryLock.isHeld(root);
    }

    SealedFile format() {
        return StoreDirectory.format(root);
    }

    Path log(String name) {
        return StoreDirectory.logs(root).resolve(name);
    }

    /** In the order of their names. */
    List<String> logNames() {
        return list(StoreDirectory.logs(root)).stream()
                .filter(Files::isDirectory)
                .map(log -> log.getFileName().toString())
                .toList();
    }

    List<Path> stateFiles() {
        return list(StoreDirectory.state(root));
    }

    Path stateFile(String name) {
        return StoreDirectory.state(root).resolve(name);
    }

    private static List<Path> list(Path directory) {
        if (!Files.exists(directory)) {
            // A broker is about to create it.
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new StorageException("cannot list files: directory=" + directory + ", reason=" + e, e);
        }
    }
}
