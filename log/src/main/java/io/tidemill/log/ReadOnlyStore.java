package io.tidemill.log;

import io.tidemill.errors.ReadOnlyException;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.StateFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the logs and state files of a directory that another broker holds, or none. Nothing in it is touched. Its lock
 * guards opening and closing only.
 */
final class ReadOnlyStore implements LogStore {
    private final DirectoryView directory;
    private final Clock clock;
    private final Map<String, ReadOnlyLog> openLogs = new HashMap<>();
    private final ReadBuffers readBuffers = new ReadBuffers();
    /** Of those who follow the writer: they keep what they borrow, and must leave the readers theirs. */
    private final ReadBuffers tailBuffers = new ReadBuffers();

    private volatile boolean closed;

    ReadOnlyStore(DirectoryView directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public synchronized PartitionLog openLog(String name, LogSettings settings) {
        checkOpen();
        DirectoryStore.requireName(name);
        if (openLogs.containsKey(name)) {
            throw new IllegalStateException("log is open: name=" + name);
        }
        ReadOnlyLog log = new ReadOnlyLog(
                name, directory.log(name), new ReadOnlyLog.Context(clock, readBuffers, tailBuffers, this::forget));
        try {
            log.refresh();
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
        openLogs.put(name, log);
        return log;
    }

    private synchronized void forget(ReadOnlyLog log) {
        openLogs.remove(log.name(), log);
    }

    @Override
    public Set<String> logNames() {
        checkOpen();
        return Set.copyOf(directory.logNames());
    }

    @Override
    public void deleteLog(String name) {
        checkOpen();
        throw refusal();
    }

    @Override
    public StateFile stateFile(String name) {
        checkOpen();
        DirectoryStore.requireName(name);
        SealedFile file = DirectoryStore.stateFile(directory.stateFile(name));
        return new StateFile() {
            @Override
            public byte @Nullable [] read() {
                checkOpen();
                return file.read();
            }

            @Override
            public void write(byte[] content) {
                checkOpen();
                throw refusal();
            }

            @Override
            public void delete() {
                checkOpen();
                throw refusal();
            }
        };
    }

    private ReadOnlyException refusal() {
        return new ReadOnlyException("the directory was opened to read only: directory=" + directory.root());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log store is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        List.copyOf(openLogs.values()).forEach(ReadOnlyLog::close);
    }
}
