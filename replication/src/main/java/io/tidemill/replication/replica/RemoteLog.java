package io.tidemill.replication.replica;

import io.tidemill.lane.Partition;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a partition as one reads it that this broker does not keep: its cursors read from the leader's. While somebody has one, the leader tells
 * where its log begins and how far it is committed; what is done for that on the lane thread, {@link Reading} does.
 *
 * <p>Nobody writes it. What concerns reading may be called by any thread.
 */
public final class RemoteLog implements PartitionLog {
    private final String name;
    private final CallerWait callerWait;
    private final LeaderWait leaderWait;
    /** Has the lane thread do something, soon and in order. */
    private final Consumer<Runnable> lane;

    /** Both are set before any caller knows of the partition; the second is for the lane thread. */
    private volatile @Nullable Partition partition;

    private @Nullable Reading reading;
    private volatile long startOffset;
    private volatile boolean isCurrent;
    /** Whether it is read elsewhere, so that nobody is to wait here. */
    private volatile boolean isLeft;

    private volatile boolean isClosed;

    /**
     * @param timeout for how long a caller waits for the leader, where it has to
     * @param lane has the lane thread do something, soon and in order
     */
    public RemoteLog(String name, CallerWait callerWait, Duration timeout, Consumer<Runnable> lane) {
        this.name = name;
        this.callerWait = callerWait;
        this.leaderWait = new LeaderWait(callerWait, timeout);
        this.lane = lane;
    }

    // ---- for the lane thread

    void bind(Partition newPartition, Reading newReading) {
        partition = newPartition;
        reading = newReading;
    }

    /** The leader says so. */
    void onStart(long offset) {
        startOffset = offset;
    }

    /** From now on it is read elsewhere; who waits is to be woken. */
    void onLeft() {
        isLeft = true;
    }

    /** From now on it is read here, and began there when it was read elsewhere. */
    void onReturned(long offset) {
        startOffset = offset;
        isLeft = false;
    }

    boolean isLeft() {
        return isLeft;
    }

    /** From now on it is known, or not any more, where the leader's log begins and ends. */
    void onCurrent(boolean isNowCurrent) {
        isCurrent = isNowCurrent;
    }

    // ---- for readers

    @Override
    public long startOffset() {
        return startOffset;
    }

    @Override
    public LogCursor newCursor() {
        requireOpen();
        watch();
        try {
            requireCurrent();
        } catch (Throwable e) {
            unwatch();
            throw e;
        }
        return new RemoteCursor(this);
    }

    /** The same without waiting for the leader: its first batch waits for that. */
    LogCursor newCursorUnawaited() {
        watch();
        return new RemoteCursor(this);
    }

    @Override
    public void awaitBounds() {
        if (!isCurrent || !partition().isCaughtUp()) {
            watch();
            try {
                await(() -> (isCurrent && partition().isCaughtUp()) || isClosed || isLeft, newWakeup());
                requireOpen();
            } finally {
                unwatch();
            }
        }
    }

    /** Has the leader tell, as long as this is where the partition is read. */
    void watch() {
        lane.accept(() -> reading().onWatched());
    }

    /** The other end of {@link #newCursor}. */
    void unwatch() {
        lane.accept(() -> reading().onUnwatched());
    }

    private void requireCurrent() {
        if (!isCurrent) {
            await(() -> isCurrent || isClosed || isLeft, newWakeup());
            requireOpen();
        }
    }

    void fetch(RemoteFetch fetch) {
        lane.accept(() -> reading().onFetch(fetch));
    }

    void forget(RemoteFetch fetch) {
        lane.accept(() -> reading().onForgotten(fetch));
    }

    Wakeup newWakeup() {
        return callerWait.newWakeup();
    }

    /**
     * As {@link LeaderWait#await}.
     *
     * @throws io.tidemill.errors.NetworkException as that
     */
    void await(BooleanSupplier condition, Wakeup wakeup) {
        leaderWait.await(partition(), condition, wakeup);
    }

    boolean isClosed() {
        return isClosed;
    }

    private void requireOpen() {
        if (isClosed) {
            throw new IllegalStateException("log is closed: partition=" + name);
        }
    }

    private Partition partition() {
        return bound(partition);
    }

    private Reading reading() {
        return bound(reading);
    }

    private <T> T bound(@Nullable T what) {
        if (what == null) {
            throw new IllegalStateException("the partition is not added yet: partition=" + name);
        }
        return what;
    }

    // ---- what a log is to others

    @Override
    public long endOffset() {
        return 0;
    }

    @Override
    public int batchBytesMax() {
        return Integer.MAX_VALUE;
    }

    private IllegalStateException notHere() {
        return new IllegalStateException("this broker does not keep the partition: partition=" + name);
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        throw notHere();
    }

    @Override
    public void truncate(long endOffset) {
        throw notHere();
    }

    @Override
    public void beginAt(long newStartOffset) {
        throw notHere();
    }

    @Override
    public void alter(LogSettings settings) {
        // nothing is kept
    }

    @Override
    public void deleteOld() {
        // nothing is kept
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        return false;
    }

    @Override
    public void flush() {
        // nothing is kept
    }

    /** Who waits is woken by the partition. */
    @Override
    public void close() {
        isClosed = true;
        if (partition != null) {
            partition().signalWaiting();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
