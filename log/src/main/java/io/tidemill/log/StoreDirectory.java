package io.tidemill.log;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The root directory: created, recognised and locked. What cannot be used is refused before anything is written into it,
 * and what was created on the way to a failure is removed again.
 */
final class StoreDirectory implements AutoCloseable {
    static final String FORMAT_FILE = "tidemill.format";
    static final String FORMAT_MAGIC = "TMFORMAT";
    static final int FORMAT_VERSION = 1;

    private static final String NEW_FORMAT_FILE = FORMAT_FILE + ".new";
    /** What a broker that died while it created the directory may have left there. */
    private static final Set<String> BEFORE_FORMAT =
            Set.of(DirectoryLock.LOCK_FILE, DirectoryLock.OWNER_FILE, NEW_FORMAT_FILE);

    private final Path root;
    private final DirectoryLock lock;

    private StoreDirectory(Path root, DirectoryLock lock) {
        this.root = root;
        this.lock = lock;
    }

    static StoreDirectory open(Path root) {
        Deque<Path> created = new ArrayDeque<>();
        try {
            createMissing(root, created);
            return hold(root, isNew(root));
        } catch (IOException e) {
            remove(created, e);
            throw new StorageException("cannot use directory: directory=" + root + ", reason=" + e, e);
        } catch (RuntimeException e) {
            remove(created, e);
            throw e;
        }
    }

    private static void createMissing(Path root, Deque<Path> created) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path path = root; path != null && !Files.exists(path); path = path.getParent()) {
            missing.push(path);
        }
        for (Path path : missing) {
            Directories.create(path);
            created.push(path);
        }
        if (!Files.isDirectory(root)) {
            throw new StorageException("not a directory: path=" + root);
        }
        if (!Files.isWritable(root)) {
            throw new StorageException("directory is not writable: directory=" + root);
        }
    }

    /** Whether nothing is there yet; the format is checked otherwise. */
    private static boolean isNew(Path root) throws IOException {
        try {
            if (format(root).read() != null) {
                return false;
            }
        } catch (CorruptRecordException e) {
            throw new StorageException("not a Tidemill directory, or its format file is damaged: directory=" + root, e);
        }
        try (Stream<Path> entries = Files.list(root)) {
            Path foreign = entries.filter(
                            entry -> !BEFORE_FORMAT.contains(entry.getFileName().toString()))
                    .findFirst()
                    .orElse(null);
            if (foreign != null) {
                throw new StorageException("not a Tidemill directory, and not empty: directory=" + root + ", contains="
                        + foreign.getFileName());
            }
        }
        return true;
    }

    static SealedFile format(Path root) {
        return new SealedFile(root.resolve(FORMAT_FILE), FORMAT_MAGIC, FORMAT_VERSION);
    }

    private static StoreDirectory hold(Path root, boolean isNew) throws IOException {
        StoreDirectory directory = new StoreDirectory(root, DirectoryLock.acquire(root));
        try {
            if (isNew) {
                // First: from now on it is a Tidemill directory, whatever else is missing.
                format(root).write(new byte[0], root.resolve(NEW_FORMAT_FILE));
            }
            directory.prepare();
            return directory;
        } catch (IOException | RuntimeException e) {
            directory.giveUp(isNew, e);
            throw e;
        }
    }

    private void prepare() throws IOException {
        if (Files.exists(temporary())) {
            Directories.delete(temporary());
        }
        for (Path part : List.of(temporary(), logs(), state())) {
            if (!Files.exists(part)) {
                Directories.create(part);
            }
        }
    }

    private void giveUp(boolean isNew, Exception reason) {
        try (lock) {
            if (isNew) {
                for (Path part : List.of(temporary(), logs(), state())) {
                    if (Files.exists(part)) {
                        Directories.delete(part);
                    }
                }
                for (String file : List.of(FORMAT_FILE, NEW_FORMAT_FILE, DirectoryLock.LOCK_FILE)) {
                    Files.deleteIfExists(root.resolve(file));
                }
            }
        } catch (IOException | RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private static void remove(Deque<Path> created, Exception reason) {
        try {
            for (Path path : created) {
                Files.delete(path);
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    Path logs() {
        return logs(root);
    }

    Path state() {
        return state(root);
    }

    static Path logs(Path root) {
        return root.resolve("logs");
    }

    static Path state(Path root) {
        return root.resolve("state");
    }

    Path temporary() {
        return root.resolve("tmp");
    }

    boolean machineRestarted() {
        return lock.machineRestarted();
    }

    /** As {@link DirectoryLock#markUnflushed}. */
    void markUnflushed() {
        lock.markUnflushed();
    }

    @Override
    public void close() {
        lock.close();
    }
}
