package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
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
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in segments, of which the last is appended to. The writer appends through Chronicle and then publishes where the
 * log ends; cursors read the files by themselves, up to there.
 */
final class SegmentedLog implements PartitionLog, SegmentedCursor.Segments {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentedLog.class);

    /** What a log needs from the store it lies in. */
    record Context(Clock clock, boolean machineRestarted, ReadBuffers buffers, Consumer<SegmentedLog> onClose) {}

    private final String name;
    private final Path directory;
    private final LogSettings settings;
    private final Context context;

    private Manifest manifest;
    private SegmentWriter writer;
    private PositionIndex activeIndex;
    /** Since when the active segment is appended to. */
    private long activeSinceMs;
    /** Replaced as a whole by the writer; never empty, and the last one is the active one. */
    private volatile Segment[] segments;

    /** Whether the recovery point is not of this end. */
    private boolean isChanged;
    /** A disk that failed to write once may have forgotten what it failed to write: no later success counts. */
    private @Nullable StorageException flushFailure;

    private volatile boolean closed;

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
        return Segment.floor(segments, offset);
    }

    @Override
    public boolean isForgotten(Segment segment) {
        return segment.baseOffset() < startOffset();
    }

    private Segment active() {
        Segment[] all = segments;
        return all[all.length - 1];
    }

    @Override
    public long startOffset() {
        checkOpen();
        return segments[0].baseOffset();
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
        Segment active = active();
        endAt(active, new Segment.Boundary(active.end().offsetAcquire(), writer.endPosition()));
    }

    @Override
    public void truncate(long endOffset) {
        checkOpen();
        if (endOffset < startOffset()) {
            throw new IllegalArgumentException("cannot truncate below the start: log=" + name + ", endOffset="
                    + endOffset + ", startOffset=" + startOffset());
        }
        if (endOffset < endOffset()) {
            Segment last = segmentOf(endOffset);
            endAt(last, last.boundaryBelow(endOffset, context.buffers()));
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
        int count = oldCount(nowMs);
        if (count > 0) {
            Manifest next = manifest.withoutOldest(count);
            next.write(directory);
            manifest = next;
            Segment[] present = segments;
            segments = Arrays.copyOfRange(present, count, present.length);
            deleteLeftovers(directory, next);
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
        Manifest next = manifest.withEnd(last.name(), end, activeIndex.maxTimestamp());
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
        boolean isForgetting = false;
        for (Segment segment : present) {
            if (segment.baseOffset() >= end.offset()) {
                segment.sealAt(new Segment.Boundary(segment.baseOffset(), 0));
                isForgetting = true;
            }
        }
        nameSealed(directory, next.newestSealed());
        if (isForgetting) {
            deleteLeftovers(directory, next);
        }
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

    private static void deleteLeftovers(Path directory, Manifest manifest) {
        try {
            for (Path leftover : manifest.leftovers(directory)) {
                Files.delete(leftover);
            }
        } catch (IOException e) {
            // What does not count is not looked at.
            LOG.warn("files are deleted when the log is opened again: reason={}", e.toString());
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
        if (closed) {
            return;
        }
        closed = true;
        try (SegmentWriter last = writer) {
            if (isChanged && flushFailure == null && last.endPosition() > 0) {
                writeRecoveryPoint();
            }
        } finally {
            context.onClose().accept(this);
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
