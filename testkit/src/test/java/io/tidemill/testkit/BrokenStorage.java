package io.tidemill.testkit;

import io.tidemill.errors.StorageException;
import io.tidemill.spi.Clock;
import io.tidemill.spi.ForwardingLog;
import io.tidemill.spi.ForwardingStore;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Storage;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** A storage in which one act of one log fails, from the moment it is broken until it is mended. */
final class BrokenStorage implements Storage {
    /** What can be made to fail. */
    enum Act {
        APPEND,
        /** In a way that cannot be, so that the lane stops. */
        APPEND_BEYOND_REPAIR,
        FLUSH,
        DELETE_OLD,
        COMPACT,
        /** Likewise, so that maintenance stops. */
        COMPACT_BEYOND_REPAIR,
        REFRESH
    }

    private record Fault(String log, Act act) {}

    private static final Fault NONE = new Fault("", Act.APPEND);

    private final Storage storage;
    private volatile Fault fault = NONE;

    BrokenStorage(Storage storage) {
        this.storage = storage;
    }

    void breakLog(String log, Act act) {
        fault = new Fault(log, act);
    }

    void mend() {
        fault = NONE;
    }

    private void on(String log, Act act) {
        if (fault.equals(new Fault(log, act))) {
            throw new StorageException("planted failure: log=" + log);
        }
    }

    private void onBeyondRepair(String log, Act act) {
        if (fault.equals(new Fault(log, act))) {
            throw new IllegalStateException("planted failure: log=" + log);
        }
    }

    @Override
    public LogStore open(Clock clock) {
        LogStore store = storage.open(clock);
        return new ForwardingStore(store) {
            @Override
            public PartitionLog openLog(String name, LogSettings settings) {
                return new BrokenLog(name, store.openLog(name, settings));
            }
        };
    }

    private final class BrokenLog extends ForwardingLog {
        private final String name;

        BrokenLog(String name, PartitionLog log) {
            super(log);
            this.name = name;
        }

        @Override
        public void append(DirectBuffer buffer, int index, int length) {
            on(name, Act.APPEND);
            onBeyondRepair(name, Act.APPEND_BEYOND_REPAIR);
            log.append(buffer, index, length);
        }

        @Override
        public void deleteOld() {
            on(name, Act.DELETE_OLD);
            log.deleteOld();
        }

        @Override
        public boolean compact(long limitOffset, BooleanSupplier isStopped) {
            on(name, Act.COMPACT);
            onBeyondRepair(name, Act.COMPACT_BEYOND_REPAIR);
            return log.compact(limitOffset, isStopped);
        }

        @Override
        public void flush() {
            on(name, Act.FLUSH);
            log.flush();
        }

        @Override
        public void refresh() {
            on(name, Act.REFRESH);
            log.refresh();
        }
    }
}
