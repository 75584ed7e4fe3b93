package io.tidemill.memory;

import io.tidemill.spi.Clock;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.StateFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the logs of a {@link MemoryStorage}, each once at a time. Its lock guards opening and closing only; a log,
 * once open, never comes back here until it is closed.
 */
final class MemoryLogStore implements LogStore {
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,255}");

    private final Map<String, BatchChunks> logs;
    private final Map<String, byte[]> states;
    private final Clock clock;
    private final Runnable unlockStorage;
    private final Map<String, MemoryLog> openLogs = new HashMap<>();
    private boolean closed;

    MemoryLogStore(Map<String, BatchChunks> logs, Map<String, byte[]> states, Clock clock, Runnable unlockStorage) {
        this.logs = logs;
        this.states = states;
        this.clock = clock;
        this.unlockStorage = unlockStorage;
    }

    @Override
    public synchronized PartitionLog openLog(String name, LogSettings settings) {
        checkUsable(name);
        checkNotOpen(name);
        BatchChunks chunks = logs.computeIfAbsent(name, absent -> new BatchChunks());
        chunks.configure(settings);
        MemoryLog log = new MemoryLog(name, chunks, clock, this::forget);
        openLogs.put(name, log);
        return log;
    }

    @Override
    public synchronized Set<String> logNames() {
        checkOpen();
        return Set.copyOf(logs.keySet());
    }

    @Override
    public synchronized void deleteLog(String name) {
        checkUsable(name);
        checkNotOpen(name);
        logs.remove(name);
    }

    @Override
    public synchronized StateFile stateFile(String name) {
        checkUsable(name);
        return new MemoryStateFile(name);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            List.copyOf(openLogs.values()).forEach(MemoryLog::close);
            closed = true;
            unlockStorage.run();
        }
    }

    private synchronized void forget(MemoryLog log) {
        openLogs.remove(log.name(), log);
    }

    private synchronized void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log store is closed");
        }
    }

    private void checkUsable(String name) {
        checkOpen();
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name must be 1 to 255 letters, digits, '.', '_' or '-', and neither '.' nor '..': name=" + name);
        }
    }

    private void checkNotOpen(String name) {
        if (openLogs.containsKey(name)) {
            throw new IllegalStateException("log is open: name=" + name);
        }
    }

    private final class MemoryStateFile implements StateFile {
        private final String name;

        MemoryStateFile(String name) {
            this.name = name;
        }

        @Override
        public byte @Nullable [] read() {
            checkOpen();
            byte[] content = states.get(name);
            return content == null ? null : content.clone();
        }

        @Override
        public void write(byte[] content) {
            checkOpen();
            states.put(name, content.clone());
        }

        @Override
        public void delete() {
            checkOpen();
            states.remove(name);
        }
    }
}
