package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.compaction.Compaction;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogObserver;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in segments, of which the last is appended to. The writer appends through Chronicle and then publishes where the
 * log ends; cursors read the files by themselves, up to there.
 *
 * <p>Compaction is another thread's. Both change which {@link Segments} there are; an append only when it rolls.
 */
final class SegmentedLog implements PartitionLog, SegmentedCursor.Source {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentedLog.class);

    /** What a log needs from the store it lies in. */
    record Context(
            Clock clock,
            boolean machineRestarted,
            ReadBuffers buffers,
            DiskUsage usage,
            Consumer<SegmentedLog> onClose) {}

    private final String name;
    private final Path directory;
    private volatile LogSettings settings;
    private final Context context;

    private final Segments segments;
    /** Held by the one who compacts. */
    private final ReentrantLock compacting = new ReentrantLock();

    private volatile SegmentWriter writer;
    private PositionIndex activeIndex;
    /** Since when the active segment is appended to. */
    private long activeSinceMs;

    /** Whether the recovery point is not of this end. */
    private boolean isChanged;
    /** A disk that failed to write once may have forgotten what it failed to write: no later success counts. */
    private volatile @Nullable StorageException flushFailure;

    /** Null as long as nobody maintains. */
    private volatile @Nullable Runnable maintainer;

    private volatile boolean closed;
    /** Guarded by {@link #compacting}. */
    private boolean released;

    private SegmentedLog(
            String name,
            Path directory,
            LogSettings settings,
            Context context,
            Manifest manifest,
            Recovery.Recovered recovered) {
        this.name = name;
        this.directory = directory;
        this.settings = settings;
        this.context = context;
        this.writer = recovered.writer();
        this.activeIndex = recovered.index();
        this.activeSinceMs = context.clock().epochMs();
        this.isChanged = recovered.isChanged();
        LogEnd end = new LogEnd(recovered.endOffset(), writer.endPosition());
        context.usage().add(writer.endPosition());
        this.segments = new Segments(directory, context.usage(), manifest, end, activeIndex);
    }

    static SegmentedLog open(String name, Path directory, LogSettings settings, Context context) {
        Manifest manifest = Segments.prepare(directory, context.machineRestarted());
        Recovery.Recovered recovered = Recovery.recover(directory, manifest.active(), context.machineRestarted());
        return new SegmentedLog(name, directory, settings, context, manifest, recovered);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public Segment segmentOf(long offset) {
        return segments.of(offset);
    }

    @Override
    public Segment segmentOfTime(long timestampMs) {
        return segments.ofTime(timestampMs);
    }

    @Override
    public long maxTimestamp() {
        return segments.maxTimestamp();
    }

    @Override
    public void lookAgain() {
        // It knows: nobody else has the files.
    }

    private Segment active() {
        return segments.active();
    }

    @Override
    public long firstOffset() {
        return segments.firstOffset();
    }

    @Override
    public long startOffset() {
        checkOpen();
        return firstOffset();
    }

    @Override
    public long endOffset() {
        checkOpen();
        return active().end().offsetAcquire();
    }

    @Override
    public int batchBytesMax() {
        return ChronicleSegment.BATCH_BYTES_MAX;
    }

    @Override
    public void append(DirectBuffer buffer, int batchIndex, int length) {
        checkOpen();
        BatchLayout.requireAppendable(name, buffer, batchIndex, length, batchBytesMax(), endOffset());
        if (isDue(length)) {
            roll();
        }
        long position = appendCounted(buffer, batchIndex, length);
        activeIndex.onBatch(buffer, batchIndex, position);
        active().end().release(BatchLayout.endOffset(buffer, batchIndex), writer.endPosition());
        if (writer.isRoomLow()) {
            requestMaintenance();
        }
    }

    private void requestMaintenance() {
        Runnable signal = maintainer;
        if (signal != null) {
            signal.run();
        }
    }

    @Override
    public void maintainedBy(Runnable signal) {
        maintainer = signal;
        if (!segments.manifest().unforced().isEmpty()) {
            signal.run();
        }
    }

    @Override
    public boolean maintain() {
        return writer.maintain(context.clock().nowNs()) || segments.deleteDropped() || forceSealed();
    }

    /** So that the writer need not wait for it when it begins a new segment. */
    private boolean forceSealed() {
        try {
            return flushFailure == null && segments.force();
        } catch (StorageException e) {
            flushFailure = e;
            LOG.warn("flush failed, open the log again: log={}, reason={}", name, e.getMessage());
            return false;
        }
    }

    private long appendCounted(DirectBuffer buffer, int batchIndex, int length) {
        long takenBytes = (long) ExcerptLayout.HEADER_LENGTH + length;
        context.usage().take(takenBytes);
        isChanged = true;
        long formerEnd = writer.endPosition();
        try {
            return writer.append(buffer, batchIndex, length);
        } finally {
            // Chronicle may have put something in front of it; or nothing was appended.
            context.usage().add(writer.endPosition() - formerEnd - takenBytes);
        }
    }

    /** Whether the batch must not go into the active segment any more. */
    private boolean isDue(int length) {
        Segment active = active();
        if (active.end().offsetAcquire() == active.baseOffset()) {
            activeSinceMs = context.clock().epochMs();
            return false;
        }
        // After a failed flush the log has to be opened again, and must not seal what may not be there.
        return flushFailure == null
                && (writer.trimmedSizeWith(length) > settings.segmentBytes()
                        || context.clock().epochMs() - activeSinceMs >= settings.segmentMs());
    }

    private void roll() {
        segments.lock();
        try {
            Segment active = active();
            Segment.Boundary end = new Segment.Boundary(active.end().offsetAcquire(), writer.endPosition());
            segments.observer().onRollBegun();
            endAt(active, end, end.offset());
            segments.observer().onRolled(end.offset(), end.position());
        } finally {
            segments.unlock();
        }
    }

    @Override
    public void truncate(long endOffset) {
        checkOpen();
        if (endOffset < startOffset()) {
            throw new IllegalArgumentException("cannot truncate below the start: log=" + name + ", endOffset="
                    + endOffset + ", startOffset=" + startOffset());
        }
        if (endOffset < endOffset()) {
            segments.lock();
            try {
                Segment last = segmentOf(endOffset);
                Segment.Boundary end = last.boundaryBelow(endOffset, context.buffers());
                endAt(last, end, end.offset());
            } finally {
                segments.unlock();
            }
        }
    }

    @Override
    public void beginAt(long startOffset) {
        checkOpen();
        if (startOffset < 0) {
            throw new IllegalArgumentException(
                    "a log cannot begin below 0: log=" + name + ", startOffset=" + startOffset);
        }
        if (startOffset != startOffset() || startOffset != endOffset()) {
            segments.lock();
            try {
                Segment first = segmentOf(startOffset());
                endAt(first, new Segment.Boundary(first.baseOffset(), 0), startOffset);
            } finally {
                segments.unlock();
            }
        }
    }

    @Override
    public void alter(LogSettings newSettings) {
        settings = newSettings;
    }

    @Override
    public void deleteOld() {
        checkOpen();
        long nowMs = context.clock().epochMs();
        boolean isActiveEmpty = active().end().offsetAcquire() == active().baseOffset();
        if (!isActiveEmpty && flushFailure == null && settings.isTooOld(activeIndex.maxTimestamp(), nowMs)) {
            // Nobody appends, so nobody else would seal it.
            roll();
        }
        if (dropOld(nowMs)) {
            if (maintainer == null) {
                segments.deleteDropped();
            } else {
                requestMaintenance();
            }
        }
    }

    private boolean dropOld(long nowMs) {
        segments.lock();
        try {
            int count = oldCount(nowMs);
            if (count > 0) {
                segments.dropOldest(count);
            }
            return count > 0;
        } finally {
            segments.unlock();
        }
    }

    private int oldCount(long nowMs) {
        List<Manifest.Sealed> present = segments.manifest().sealed();
        long bytes = writer.endPosition() + segments.manifest().sealedBytes();
        int count = 0;
        while (count < present.size()) {
            Manifest.Sealed oldest = present.get(count);
            bytes -= oldest.endPosition();
            if (!settings.isTooOld(oldest.maxTimestamp(), nowMs) && !settings.isEnough(bytes)) {
                break;
            }
            count++;
        }
        return count;
    }

    /** The time of the oldest file that may be deleted to make room for others; {@link Long#MAX_VALUE} for none. Any thread. */
    long oldestDeletableMs() {
        List<Manifest.Sealed> sealed = segments.manifest().sealed();
        return sealed.isEmpty() || !settings.deletesAnything()
                ? Long.MAX_VALUE
                : sealed.get(0).maxTimestamp();
    }

    /** Deletes that file, and answers whether there was one. Any thread. */
    boolean deleteOldest() {
        segments.lock();
        try {
            if (closed || oldestDeletableMs() == Long.MAX_VALUE) {
                return false;
            }
            segments.dropOldest(1);
            // At once: somebody needs the room.
            segments.deleteDropped();
            return true;
        } finally {
            segments.unlock();
        }
    }

    /**
     * Seals a segment there, forgets those behind it, and begins a new one. It is done when the manifest says so; if that
     * fails, nothing has changed.
     *
     * @param nextOffset where the new one begins: there, or anywhere if nothing is left
     */
    private void endAt(Segment last, Segment.Boundary end, long nextOffset) {
        Segment active = active();
        // Where nobody maintains, nobody would make up for it.
        boolean isForced = maintainer == null;
        Manifest next = segments.manifest()
                .withEnd(last.name(), end, activeIndex.maxTimestamp(), isForced, segments.newName(nextOffset));
        long endPosition = writer.endPosition();
        try (SegmentWriter ended = writer) {
            if (endPosition > 0) {
                ended.trim();
                if (isForced) {
                    flushActive();
                }
                activeIndex.write(active.name().indexFile(directory));
            }
            RecoveryPoint.delete(directory);
            next.write(directory);
        } catch (RuntimeException e) {
            writer = new SegmentWriter(directory, active.name(), endPosition);
            throw e;
        }
        writer = new SegmentWriter(directory, next.active(), 0);
        activeIndex = new PositionIndex();
        activeSinceMs = context.clock().epochMs();
        isChanged = true;
        context.usage().add(-endPosition);
        segments.onEnd(next, last, end, activeIndex);
        requestMaintenance();
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        checkOpen();
        compacting.lock();
        try {
            SegmentCompaction segmentCompaction = new SegmentCompaction(this, segments, directory, context.buffers());
            return new Compaction(
                            segmentCompaction,
                            settings.cleanup(),
                            settings.segmentBytes(),
                            context.clock().epochMs(),
                            () -> closed || isStopped.getAsBoolean())
                    .run(limitOffset);
        } finally {
            compacting.unlock();
        }
    }

    @Override
    public void flush() {
        checkOpen();
        flushActive();
    }

    private void flushActive() {
        if (flushFailure != null) {
            throw new StorageException(
                    "an earlier flush failed, open the log again: log=" + name + ", reason="
                            + flushFailure.getMessage(),
                    flushFailure);
        }
        try {
            segments.force();
            writer.force();
        } catch (StorageException e) {
            flushFailure = e;
            throw e;
        }
    }

    @Override
    public @Nullable StorageException failure() {
        return flushFailure;
    }

    @Override
    public void observedBy(LogObserver observer) {
        segments.observedBy(observer);
    }

    @Override
    public long bytes() {
        return segments.bytes();
    }

    @Override
    public LogCursor newCursor() {
        checkOpen();
        return new SegmentedCursor(this, context.buffers());
    }

    @Override
    public void close() {
        closed = true;
        try {
            // Whoever compacts sees that at the next batch, and leaves nothing behind.
            compacting.lock();
            try {
                release();
            } finally {
                compacting.unlock();
            }
        } finally {
            // Without the lock: the store, which has one of its own, may be closing this log too.
            context.onClose().accept(this);
        }
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        try (SegmentWriter last = writer) {
            if (isChanged && flushFailure == null && last.endPosition() > 0) {
                writeRecoveryPoint();
            }
        } finally {
            context.usage().add(-writer.endPosition());
            segments.onClose();
        }
    }

    private void writeRecoveryPoint() {
        long size = writer.trim();
        flushActive();
        RecoveryPoint point = RecoveryPoint.of(writer.path(), active().end().offsetAcquire(), size, activeIndex);
        try {
            point.write(directory);
        } catch (StorageException e) {
            // Everything is there and forced; only the next open has to look more closely.
            LOG.warn("closed without a new recovery point: log={}, reason={}", name, e.getMessage());
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log is closed: log=" + name);
        }
    }
}
