package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.compaction.Compaction;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
 * <p>Which segments there are is changed by the writer, and by compaction, which puts one segment in the place of others on
 * a thread of its own: each holds a lock for that. An append takes it only when it rolls.
 */
final class SegmentedLog implements PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentedLog.class);

    /** What a log needs from the store it lies in. */
    record Context(Clock clock, boolean machineRestarted, ReadBuffers buffers, Consumer<SegmentedLog> onClose) {}

    private final String name;
    private final Path directory;
    private final LogSettings settings;
    private final Context context;

    /** Held while {@link #manifest} and {@link #segments} change. */
    private final ReentrantLock changing = new ReentrantLock();
    /** Held by the one who compacts. */
    private final ReentrantLock compacting = new ReentrantLock();

    private final AtomicInteger nextOrdinal;
    private volatile Manifest manifest;
    private volatile int truncations;
    private SegmentWriter writer;
    private PositionIndex activeIndex;
    /** Since when the active segment is appended to. */
    private long activeSinceMs;
    /** Replaced as a whole; never empty, and the last one is the active one. The others are those of the manifest. */
    private volatile Segment[] segments;

    /** Whether the recovery point is not of this end. */
    private boolean isChanged;
    /** A disk that failed to write once may have forgotten what it failed to write: no later success counts. */
    private @Nullable StorageException flushFailure;

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
        this.nextOrdinal = new AtomicInteger(manifest.lastOrdinal() + 1);
        this.manifest = manifest;
        this.writer = recovered.writer();
        this.activeIndex = recovered.index();
        this.activeSinceMs = context.clock().epochMs();
        this.isChanged = recovered.isChanged();
        Segment[] all = new Segment[manifest.sealed().size() + 1];
        for (int i = 0; i < all.length - 1; i++) {
            all[i] = Segment.sealed(directory, manifest.sealed().get(i));
        }
        LogEnd end = new LogEnd(recovered.endOffset(), writer.endPosition());
        all[all.length - 1] = Segment.active(directory, manifest.active(), end, activeIndex);
        this.segments = all;
    }

    static SegmentedLog open(String name, Path directory, LogSettings settings, Context context) {
        Manifest manifest = Manifest.read(directory);
        // What a process left undone that was lost in the middle of it.
        nameSealed(directory, manifest.sealed());
        deleteLeftovers(directory, manifest);
        Recovery.Recovered recovered = Recovery.recover(directory, manifest.active(), context.machineRestarted());
        return new SegmentedLog(name, directory, settings, context, manifest, recovered);
    }

    String name() {
        return name;
    }

    boolean isClosed() {
        return closed;
    }

    /** The one that holds an offset, or the nearest. Any thread. */
    Segment segmentOf(long offset) {
        Segment[] all = segments;
        int low = 0;
        int high = all.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (all[middle].baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return all[low];
    }

    private Segment active() {
        Segment[] all = segments;
        return all[all.length - 1];
    }

    /** Where the log starts, whether it is open or not. Any thread. */
    long firstOffset() {
        return segments[0].baseOffset();
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
        isChanged = true;
        long position = writer.append(buffer, batchIndex, length);
        activeIndex.onBatch(buffer, batchIndex, position);
        active().end().release(BatchLayout.endOffset(buffer, batchIndex), writer.endPosition());
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
        changing.lock();
        try {
            Segment active = active();
            endAt(active, new Segment.Boundary(active.end().offsetAcquire(), writer.endPosition()));
        } finally {
            changing.unlock();
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
            changing.lock();
            try {
                Segment last = segmentOf(endOffset);
                endAt(last, last.boundaryBelow(endOffset, context.buffers()));
                truncations = truncations + 1;
            } finally {
                changing.unlock();
            }
        }
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
        changing.lock();
        try {
            int count = oldCount(nowMs);
            if (count > 0) {
                Manifest next = manifest.withoutOldest(count);
                next.write(directory);
                manifest = next;
                Segment[] present = segments;
                segments = Arrays.copyOfRange(present, count, present.length);
                deleteFiles(Arrays.asList(present).subList(0, count));
            }
        } finally {
            changing.unlock();
        }
    }

    private int oldCount(long nowMs) {
        List<Manifest.Sealed> present = manifest.sealed();
        long bytes = writer.endPosition();
        for (Manifest.Sealed segment : present) {
            bytes += segment.endPosition();
        }
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

    /**
     * Seals a segment there, forgets those behind it, and begins a new one. It is done when the manifest says so; if that
     * fails, nothing has changed.
     */
    private void endAt(Segment last, Segment.Boundary end) {
        Segment active = active();
        Manifest next = manifest.withEnd(last.name(), end, activeIndex.maxTimestamp(), nextOrdinal.getAndIncrement());
        long endPosition = writer.endPosition();
        try (SegmentWriter ended = writer) {
            if (endPosition > 0) {
                ended.trim();
                flushActive();
                activeIndex.write(active.name().indexFile(directory));
            }
            RecoveryPoint.delete(directory);
            next.write(directory);
        } catch (RuntimeException e) {
            writer = new SegmentWriter(directory, active.name(), endPosition);
            throw e;
        }
        manifest = next;
        writer = new SegmentWriter(directory, next.active(), 0);
        activeIndex = new PositionIndex();
        activeSinceMs = context.clock().epochMs();
        isChanged = true;

        Segment[] present = segments;
        List<Segment> kept = new ArrayList<>(present.length + 1);
        for (Segment segment : present) {
            if (segment.baseOffset() < end.offset()) {
                kept.add(segment);
            }
        }
        kept.add(Segment.active(directory, next.active(), new LogEnd(end.offset(), 0), activeIndex));
        segments = kept.toArray(Segment[]::new);

        // Readers leave a segment where it ends.
        last.sealAt(end);
        List<Segment> forgotten = new ArrayList<>();
        for (Segment segment : present) {
            if (segment.baseOffset() >= end.offset()) {
                segment.sealAt(new Segment.Boundary(segment.baseOffset(), 0));
                forgotten.add(segment);
            }
        }
        nameSealed(directory, next.newestSealed());
        deleteFiles(forgotten);
    }

    private static void nameSealed(Path directory, List<Manifest.Sealed> segments) {
        try {
            for (Manifest.Sealed segment : segments) {
                if (!Files.exists(segment.name().sealedFile(directory))) {
                    Files.move(
                            segment.name().activeFile(directory),
                            segment.name().sealedFile(directory),
                            StandardCopyOption.ATOMIC_MOVE);
                    Directories.sync(directory);
                }
            }
        } catch (IOException e) {
            // It is found under either name.
            LOG.warn("sealed segment gets its name when the log is opened again: reason={}", e.toString());
        }
    }

    /** Nobody else is at work in the directory. */
    private static void deleteLeftovers(Path directory, Manifest manifest) {
        try {
            SegmentCompaction.deleteLeftovers(directory);
            for (Path leftover : manifest.leftovers(directory)) {
                Files.delete(leftover);
            }
        } catch (IOException e) {
            // What does not count is not looked at.
            LOG.warn("files are deleted when the log is opened again: reason={}", e.toString());
        }
    }

    /** Of segments that the manifest does not name any more. */
    private void deleteFiles(List<Segment> segments) {
        for (Segment segment : segments) {
            deleteFiles(segment.name());
        }
    }

    /** Of a segment that the manifest does not name. Any thread. */
    void deleteFiles(SegmentName segment) {
        try {
            for (Path file : segment.files(directory)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("files are deleted when the log is opened again: log={}, reason={}", name, e.toString());
        }
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        checkOpen();
        compacting.lock();
        try {
            SegmentCompaction segmentCompaction = new SegmentCompaction(this, directory, context.buffers());
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

    /** Any thread. */
    Manifest manifest() {
        return manifest;
    }

    /** How often; what was found out about the log before may not be so any more. */
    int truncations() {
        return truncations;
    }

    /** Makes the name of a file that is not there yet. Any thread. */
    SegmentName newName(long baseOffset) {
        return new SegmentName(baseOffset, nextOrdinal.getAndIncrement());
    }

    /**
     * Puts a segment in the place of those that lie between its ends; done when the manifest says so. False, and nothing has
     * changed, when they do not lie there any more. The thread that compacts.
     */
    boolean replace(Manifest.Sealed replacement, int truncationsBefore) {
        List<Segment> replaced = new ArrayList<>();
        changing.lock();
        try {
            Manifest next = manifest.withReplaced(replacement);
            if (closed || truncations != truncationsBefore || next == null) {
                return false;
            }
            next.write(directory);
            manifest = next;
            List<Segment> all = new ArrayList<>();
            for (Segment segment : segments) {
                boolean isReplaced = segment.baseOffset() >= replacement.name().baseOffset()
                        && segment.baseOffset() < replacement.endOffset();
                if (isReplaced && replaced.isEmpty()) {
                    all.add(Segment.sealed(directory, replacement));
                }
                (isReplaced ? replaced : all).add(segment);
            }
            segments = all.toArray(Segment[]::new);
        } finally {
            changing.unlock();
        }
        deleteFiles(replaced);
        return true;
    }

    /** The thread that compacts. */
    void compactedUpTo(long offset, int truncationsBefore) {
        changing.lock();
        try {
            if (!closed && truncations == truncationsBefore) {
                Manifest next = manifest.withCompacted(offset);
                next.write(directory);
                manifest = next;
            }
        } finally {
            changing.unlock();
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
            writer.force();
        } catch (StorageException e) {
            flushFailure = e;
            throw e;
        }
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
        }
    }

    private void writeRecoveryPoint() {
        long size = writer.trim();
        writer.force();
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
