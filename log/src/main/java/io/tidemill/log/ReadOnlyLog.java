package io.tidemill.log;

import io.tidemill.errors.ReadOnlyException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A log that another broker writes, or has written. Three things tell what that broker did, and are looked at in this order:
 * the bytes behind the end of the active segment, the manifest, which is replaced when a segment is sealed or forgotten,
 * and whether the active segment's file is still the same one, because a broker that comes back after a crash may rewrite
 * it. Looking at the bytes is cheap and done every time; looking at the files is done while something changes, and once in
 * a while.
 *
 * <p>Cursors meet the same {@link Segment}s as beside a writer in this process, and as there no segment is left before it
 * is sealed and the next one is known; so there is no gap.
 */
final class ReadOnlyLog implements PartitionLog, SegmentedCursor.Source {
    /** Bounds a look, so that a lane that follows many logs comes to the others. */
    private static final long STEP_BYTES = 8 * 1024 * 1024;
    /** The files are looked at late by a fraction of the time since something was appended, and by this at most. */
    private static final long FILES_INTERVAL_MAX_NS = 1_000_000_000;

    private static final int LATE_FRACTION = 8;

    /** What a log needs from the store that it lies in. */
    record Context(Clock clock, ReadBuffers buffers, ReadBuffers tailBuffers, Consumer<ReadOnlyLog> onClose) {}

    private final String name;
    private final Path directory;
    private final Context context;

    /** Replaced as a whole; never empty, and the last one is the active one. */
    private volatile Segment[] segments;

    /** Null while there is no file that is appended to. */
    private @Nullable SegmentTail tail;
    /** Of the manifest that was last read. */
    private List<Object> manifestVersion = List.of();

    private boolean isKnown;
    /** When something was last found to be appended. */
    private long movedNs;

    /** When it was last looked at the files. */
    private long filesSeenNs;

    private volatile boolean closed;

    /** Empty before the first {@link #refresh}. */
    ReadOnlyLog(String name, Path directory, Context context) {
        this.name = name;
        this.directory = directory;
        this.context = context;
        this.movedNs = context.clock().nowNs();
        this.segments = new Segment[] {empty(new SegmentName(0, 0))};
    }

    /** Of a segment that has no file yet. */
    private Segment empty(SegmentName active) {
        return Segment.active(directory, active, new LogEnd(active.baseOffset(), 0), new PositionIndex());
    }

    @Override
    public synchronized void refresh() {
        checkOpen();
        long nowNs = context.clock().nowNs();
        if (tail != null && tail.advance(STEP_BYTES)) {
            movedNs = nowNs;
            return;
        }
        long intervalNs = Math.min((nowNs - movedNs) / LATE_FRACTION, FILES_INTERVAL_MAX_NS);
        boolean isBegun = tail == null && Files.exists(activeFile());
        if (!isKnown || isBegun || nowNs - filesSeenNs >= intervalNs) {
            filesSeenNs = nowNs;
            refreshFiles();
        }
    }

    private Path activeFile() {
        Segment[] all = segments;
        return all[all.length - 1].name().activeFile(directory);
    }

    private void refreshFiles() {
        List<Object> version = manifestVersion();
        boolean isManifestSame = isKnown && version.equals(manifestVersion);
        boolean isTailSame = tail == null ? !Files.exists(activeFile()) : tail.isSameFile();
        if ((isManifestSame && isTailSame) || !Files.exists(directory)) {
            return;
        }
        LogSnapshot snapshot = LogSnapshot.of(directory);
        if (!isManifestSame) {
            follow(snapshot.manifest());
        }
        if (tail == null || !tail.isSameFile()) {
            openTail(snapshot);
        }
        manifestVersion = version;
        isKnown = true;
    }

    /** What a replaced file differs in; the same as long as there is none. */
    private List<Object> manifestVersion() {
        Path file = directory.resolve(Manifest.FILE);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new StorageException("cannot look at file: file=" + file + ", reason=" + e, e);
        }
    }

    private void follow(Manifest manifest) {
        Segment[] present = segments;
        Segment active = present[present.length - 1];
        boolean isActiveSame = isKnown && active.name().equals(manifest.active());
        Segment[] next = new Segment[manifest.sealed().size() + 1];
        for (int i = 0; i < next.length - 1; i++) {
            next[i] = known(manifest.sealed().get(i), present);
        }
        next[next.length - 1] = isActiveSame ? active : empty(manifest.active());
        // First: who leaves a segment must find the next one.
        segments = next;
        for (Segment segment : present) {
            endAsIn(manifest, segment, next);
        }
        if (!isActiveSame) {
            closeTail();
        }
    }

    /** The same object as before, unless positions in it are those of another file. */
    private Segment known(Manifest.Sealed sealed, Segment[] present) {
        for (Segment segment : present) {
            if (segment.name().equals(sealed.name())
                    && (segment.isSealed()
                            || (tail != null
                                    && (tail.isSameFile()
                                            || tail.isNow(sealed.name().sealedFile(directory)))))) {
                return segment;
            }
        }
        return Segment.sealed(directory, sealed);
    }

    private static void endAsIn(Manifest manifest, Segment segment, Segment[] next) {
        LogEnd end = segment.end();
        long endOffset = end.offsetAcquire();
        for (int i = 0; i < next.length - 1; i++) {
            if (next[i] == segment) {
                Manifest.Sealed sealed = manifest.sealed().get(i);
                if (sealed.endOffset() > endOffset) {
                    end.release(sealed.endOffset(), sealed.endPosition());
                }
                segment.sealAt(new Segment.Boundary(sealed.endOffset(), sealed.endPosition()));
                return;
            }
        }
        if (segment.baseOffset() < next[0].baseOffset()) {
            // Forgotten from the start: who is in it may read on.
            segment.sealAt(new Segment.Boundary(endOffset, end.positionAcquire()));
        } else if (segment != next[next.length - 1]) {
            // Cut off, or another file holds the same offsets now.
            segment.sealAt(new Segment.Boundary(segment.baseOffset(), 0));
        }
    }

    private void openTail(LogSnapshot snapshot) {
        Segment[] next = segments.clone();
        Segment former = next[next.length - 1];
        SegmentTail opened = former.name().equals(snapshot.manifest().active())
                ? SegmentTail.open(snapshot, context.tailBuffers())
                : null;
        if (opened != null) {
            closeTail();
            tail = opened;
            next[next.length - 1] = opened.segment();
            segments = next;
            former.sealAt(new Segment.Boundary(
                    former.end().offsetAcquire(), former.end().positionAcquire()));
        }
    }

    private void closeTail() {
        if (tail != null) {
            tail.close();
            tail = null;
        }
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
    public Segment segmentOfTime(long timestampMs) {
        return Segment.ofTime(segments, timestampMs);
    }

    @Override
    public long maxTimestamp() {
        return Segment.maxTimestamp(segments);
    }

    @Override
    public synchronized void lookAgain() {
        checkOpen();
        refreshFiles();
    }

    @Override
    public long firstOffset() {
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
        Segment[] all = segments;
        return all[all.length - 1].end().offsetAcquire();
    }

    @Override
    public int batchBytesMax() {
        return ChronicleSegment.BATCH_BYTES_MAX;
    }

    @Override
    public LogCursor newCursor() {
        checkOpen();
        return new SegmentedCursor(this, context.buffers());
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        throw refusal();
    }

    @Override
    public void truncate(long endOffset) {
        throw refusal();
    }

    @Override
    public void beginAt(long startOffset) {
        throw refusal();
    }

    @Override
    public void alter(LogSettings settings) {
        // they are for who writes it
    }

    @Override
    public void deleteOld() {
        throw refusal();
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        throw refusal();
    }

    @Override
    public void flush() {
        throw refusal();
    }

    private ReadOnlyException refusal() {
        checkOpen();
        return new ReadOnlyException("the log was opened to read only: directory=" + directory);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log is closed: log=" + name);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            closeTail();
            context.onClose().accept(this);
        }
    }
}
