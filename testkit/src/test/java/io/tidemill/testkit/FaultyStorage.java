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
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/** A storage some of whose writes fail: the n-th, counted over everything that creates, appends or flushes, or any. */
final class FaultyStorage implements Storage {
    private final Storage storage;
    private final Predicate<String> fails;
    private int writesUntilFailure;

    FaultyStorage(Storage storage, int failingWrite) {
        this.storage = storage;
        this.writesUntilFailure = failingWrite;
        this.fails = what -> writesUntilFailure-- == 0;
    }

    /** Is asked before every write, by its name. */
    FaultyStorage(Storage storage, Predicate<String> fails) {
        this.storage = storage;
        this.fails = fails;
    }

    /** Whether the write that had to fail was reached. */
    boolean hasFailed() {
        return writesUntilFailure < 0;
    }

    private void onWrite(String what) {
        if (fails.test(what)) {
            throw new StorageException("planted failure: write=" + what);
        }
    }

    @Override
    public LogStore open(Clock clock) {
        LogStore store = storage.open(clock);
        return new ForwardingStore(store) {
            @Override
            public PartitionLog openLog(String name, LogSettings settings) {
                onWrite("open " + name);
                return new FaultyLog(store.openLog(name, settings));
            }
        };
    }

    private final class FaultyLog extends ForwardingLog {
        FaultyLog(PartitionLog log) {
            super(log);
        }

        @Override
        public void append(DirectBuffer buffer, int index, int length) {
            onWrite("append");
            log.append(buffer, index, length);
        }

        @Override
        public void truncate(long endOffset) {
            onWrite("truncate");
            log.truncate(endOffset);
        }

        @Override
        public void deleteOld() {
            onWrite("deleteOld");
            log.deleteOld();
        }

        @Override
        public boolean compact(long limitOffset, BooleanSupplier isStopped) {
            onWrite("compact");
            return log.compact(limitOffset, isStopped);
        }

        @Override
        public void flush() {
            onWrite("flush");
            log.flush();
        }
    }
}
