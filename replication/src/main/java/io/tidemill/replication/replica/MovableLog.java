package io.tidemill.replication.replica;

import io.tidemill.PartitionMetrics;
import io.tidemill.errors.TidemillException;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogObserver;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a partition that may move while it is open: kept by this broker, or read at its leader. A log that begins to be kept is
 * written at once, and read when it has everything; until then, who reads does so at the leader. Cursors go over by themselves, and
 * stay where they are.
 *
 * <p>The lane thread writes, and says where it is. What concerns reading may be called by any thread.
 */
public final class MovableLog implements PartitionLog {
    private final RemoteLog remote;
    private final Place place;
    private final Object inMaintenance = new Object();
    /** Where it is written; null where that is not here. */
    private volatile @Nullable PartitionLog kept;

    /** Where it is read. */
    private volatile PartitionLog read;

    private @Nullable LogObserver observer;
    private @Nullable Runnable maintenanceSignal;

    /** Where it is kept by this broker. */
    public interface Place {
        PartitionLog open();

        /** It is open no more. */
        void onClosed();
    }

    /**
     * @param place for when it is kept here
     * @param isKept whether that is so now; then it is read there, too
     */
    public MovableLog(RemoteLog remote, Place place, boolean isKept) {
        this.remote = remote;
        this.place = place;
        this.read = remote;
        if (isKept) {
            keep();
            readKept();
        }
    }

    // ---- where it is, for the lane thread

    RemoteLog remote() {
        return remote;
    }

    boolean isKept() {
        return kept != null;
    }

    /** As it is written here. */
    PartitionLog kept() {
        PartitionLog here = kept;
        if (here == null) {
            throw new IllegalStateException("this broker does not keep the partition: partition=" + this);
        }
        return here;
    }

    boolean isReadHere() {
        return read != remote;
    }

    /**
     * It is written here from now on.
     *
     * @throws TidemillException when it cannot be opened now
     */
    void keep() {
        PartitionLog opened = place.open();
        if (observer != null) {
            opened.observedBy(observer);
        }
        if (maintenanceSignal != null) {
            opened.maintainedBy(maintenanceSignal);
        }
        kept = opened;
    }

    /** What is written here has everything: it is read here from now on. */
    void readKept() {
        read = kept();
        remote.onLeft();
    }

    /** It is not kept here any more: closes what was, for others to delete. */
    void leave() {
        PartitionLog left = kept();
        if (isReadHere()) {
            remote.onReturned(left.startOffset());
        }
        read = remote;
        kept = null;
        synchronized (inMaintenance) {
            // what was under way is not any more
        }
        place.onClosed();
        left.close();
    }

    /** The log that is kept; otherwise the one that refuses to be written. */
    private PartitionLog written() {
        PartitionLog here = kept;
        return here == null ? remote : here;
    }

    // ---- writing

    @Override
    public long endOffset() {
        return written().endOffset();
    }

    @Override
    public int batchBytesMax() {
        return written().batchBytesMax();
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        written().append(buffer, index, length);
    }

    @Override
    public void truncate(long endOffset) {
        written().truncate(endOffset);
    }

    @Override
    public void beginAt(long startOffset) {
        written().beginAt(startOffset);
    }

    @Override
    public void deleteOld() {
        written().deleteOld();
    }

    @Override
    public void flush() {
        written().flush();
    }

    // ---- beside the writer

    @Override
    public void alter(LogSettings settings) {
        written().alter(settings);
    }

    /** Not before everything that is committed is known to be there. */
    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        synchronized (inMaintenance) {
            PartitionLog here = kept;
            return here != null
                    && here == read
                    && here.compact(limitOffset, () -> here != kept || isStopped.getAsBoolean());
        }
    }

    @Override
    public void maintainedBy(Runnable signal) {
        maintenanceSignal = signal;
        written().maintainedBy(signal);
    }

    @Override
    public boolean maintain() {
        synchronized (inMaintenance) {
            return written().maintain();
        }
    }

    @Override
    public void observedBy(LogObserver newObserver) {
        observer = newObserver;
        written().observedBy(newObserver);
    }

    @Override
    public @Nullable TidemillException failure() {
        return written().failure();
    }

    @Override
    public long bytes() {
        PartitionLog here = kept;
        return here == null ? PartitionMetrics.UNKNOWN_BYTES : here.bytes();
    }

    // ---- reading

    @Override
    public long startOffset() {
        return fromSource(PartitionLog::startOffset);
    }

    @Override
    public void awaitBounds() {
        read.awaitBounds();
    }

    @Override
    public LogCursor newCursor() {
        return fromSource(source -> new MovableCursor(this, source, source.newCursor()));
    }

    /** Asked again where it has moved meanwhile, and what was asked is closed. */
    private <T> T fromSource(Function<PartitionLog, T> question) {
        while (true) {
            PartitionLog source = read;
            try {
                return question.apply(source);
            } catch (IllegalStateException e) {
                if (source == read) {
                    throw e;
                }
            }
        }
    }

    /** Where it is read now. */
    PartitionLog source() {
        return read;
    }

    /** Without waiting: what is not known yet comes. */
    LogCursor newCursorOf(PartitionLog source) {
        return source == remote ? remote.newCursorUnawaited() : source.newCursor();
    }

    @Override
    public void close() {
        written().close();
        remote.close();
    }

    @Override
    public String toString() {
        return remote.toString();
    }
}
