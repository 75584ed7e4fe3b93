package io.tidemill.log;

import io.tidemill.errors.StorageException;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the logs and state files of a directory, each log once at a time. Its lock guards opening, closing and
 * deleting only; a log, once open, never comes back here until it is closed.
 */
final class DirectoryStore implements LogStore {
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,255}");

    private static final String STATE_MAGIC = "TMSTATE ";
    private static final int STATE_VERSION = 1;

    private final StoreDirectory directory;
    private final Clock clock;
    /** Changed with the lock; whoever makes room on the disk looks through it without. */
    private final Map<String, SegmentedLog> openLogs = new ConcurrentHashMap<>();

    private final DiskUsage usage;
    private final ReadBuffers readBuffers = new ReadBuffers();
    private final AtomicLong temporaries = new AtomicLong();
    private volatile boolean closed;

    private DirectoryStore(StoreDirectory directory, Clock clock, @Nullable DiskBudget budget) {
        this.directory = directory;
        this.clock = clock;
        this.usage = new DiskUsage(budget, this::deleteOldest);
    }

    static DirectoryStore open(Path root, Clock clock, @Nullable DiskBudget budget) {
        return new DirectoryStore(StoreDirectory.open(root), clock, budget);
    }

    /** Of the oldest files of all logs, the oldest; false when there is none. */
    private boolean deleteOldest() {
        SegmentedLog oldest = null;
        long oldestMs = Long.MAX_VALUE;
        for (SegmentedLog log : openLogs.values()) {
            long ms = log.oldestDeletableMs();
            if (ms < oldestMs) {
                oldestMs = ms;
                oldest = log;
            }
        }
        return oldest != null && oldest.deleteOldest();
    }

    @Override
    public synchronized PartitionLog openLog(String name, LogSettings settings) {
        checkUsable(name);
        checkNotOpen(name);
        Path path = directory.logs().resolve(name);
        try {
            if (!Files.exists(path)) {
                Directories.create(path);
            }
        } catch (IOException e) {
            throw new StorageException("cannot create log: directory=" + path + ", reason=" + e, e);
        }
        SegmentedLog log = SegmentedLog.open(
                name,
                path,
                settings,
                new SegmentedLog.Context(clock, directory.machineRestarted(), readBuffers, usage, this::forget));
        openLogs.put(name, log);
        return log;
    }

    @Override
    public synchronized Set<String> logNames() {
        checkOpen();
        try (Stream<Path> entries = Files.list(directory.logs())) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new StorageException("cannot list logs: directory=" + directory.logs() + ", reason=" + e, e);
        }
    }

    @Override
    public synchronized void deleteLog(String name) {
        checkUsable(name);
        checkNotOpen(name);
        Path path = directory.logs().resolve(name);
        if (!Files.exists(path)) {
            return;
        }
        try {
            // Out of sight at once and as a whole: half a log must never be found by the next open.
            Path doomed = newTemporary();
            Files.move(path, doomed, StandardCopyOption.ATOMIC_MOVE);
            Directories.sync(directory.logs());
            Directories.delete(doomed);
        } catch (IOException e) {
            throw new StorageException("cannot delete log: directory=" + path + ", reason=" + e, e);
        }
    }

    @Override
    public StateFile stateFile(String name) {
        checkUsable(name);
        return new DirectoryStateFile(stateFile(directory.state().resolve(name)));
    }

    @Override
    public boolean mayHaveLostTails() {
        return directory.machineRestarted();
    }

    static SealedFile stateFile(Path path) {
        return new SealedFile(path, STATE_MAGIC, STATE_VERSION);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        RuntimeException failure = null;
        for (SegmentedLog log : List.copyOf(openLogs.values())) {
            failure = closeNext(log, failure);
        }
        failure = closeNext(directory, failure);
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable RuntimeException closeNext(AutoCloseable part, @Nullable RuntimeException former) {
        try {
            part.close();
            return former;
        } catch (Exception e) {
            RuntimeException failure =
                    e instanceof RuntimeException runtime ? runtime : new StorageException("" + e, e);
            if (former == null) {
                return failure;
            }
            former.addSuppressed(failure);
            return former;
        }
    }

    private synchronized void forget(SegmentedLog log) {
        if (log.failure() != null) {
            directory.markUnflushed();
        }
        openLogs.remove(log.name(), log);
    }

    private Path newTemporary() {
        return directory.temporary().resolve(Long.toString(temporaries.getAndIncrement()));
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log store is closed");
        }
    }

    private void checkUsable(String name) {
        checkOpen();
        requireName(name);
    }

    /** Refuses a name that could mean another place. */
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name must match " + NAME + ": name=" + name);
        }
    }

    private void checkNotOpen(String name) {
        if (openLogs.containsKey(name)) {
            throw new IllegalStateException("log is open: name=" + name);
        }
    }

    private final class DirectoryStateFile implements StateFile {
        private final SealedFile file;

        DirectoryStateFile(SealedFile file) {
            this.file = file;
        }

        @Override
        public byte @Nullable [] read() {
            checkOpen();
            return file.read();
        }

        @Override
        public void write(byte[] content) {
            checkOpen();
            file.write(content, newTemporary());
        }

        @Override
        public void delete() {
            checkOpen();
            file.delete();
        }
    }
}
