package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.log.chronicle.SegmentName;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of a log, as readers see it: where it lies, how far it goes, and where in it an offset is found. Any thread;
 * the writer of the log alone moves the end, and seals it.
 */
final class Segment {
    private static final Logger LOG = LoggerFactory.getLogger(Segment.class);

    private final Path directory;
    private final SegmentName name;
    /** What it is called before it is sealed. */
    private final Path path;

    private final LogEnd end;
    /** Of a segment that was sealed when it was met, the newest time. */
    private final long sealedMaxTimestamp;

    private volatile @Nullable PositionIndex index;
    private volatile boolean sealed;

    private Segment(
            Path directory,
            SegmentName name,
            Path path,
            LogEnd end,
            @Nullable PositionIndex index,
            boolean sealed,
            long sealedMaxTimestamp) {
        this.directory = directory;
        this.name = name;
        this.path = path;
        this.end = end;
        this.index = index;
        this.sealed = sealed;
        this.sealedMaxTimestamp = sealedMaxTimestamp;
    }

    /** Of the segment that is appended to. */
    static Segment active(Path directory, SegmentName name, LogEnd end, PositionIndex index) {
        return active(directory, name, name.activeFile(directory), end, index);
    }

    /** The same, of a file that was set aside. */
    static Segment active(Path directory, SegmentName name, Path path, LogEnd end, PositionIndex index) {
        return new Segment(directory, name, path, end, index, false, PositionIndex.NO_TIMESTAMP);
    }

    /** Nothing of it is looked at before somebody reads it. */
    static Segment sealed(Path directory, Manifest.Sealed sealed) {
        LogEnd end = new LogEnd(sealed.endOffset(), sealed.endPosition());
        return new Segment(
                directory, sealed.name(), sealed.name().activeFile(directory), end, null, true, sealed.maxTimestamp());
    }

    /** Of those that follow each other, the one that holds an offset, or the nearest. */
    static Segment floor(Segment[] all, long offset) {
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

    /** Of those that follow each other, the first one with a record of that time or a later one, or the last one. */
    static Segment ofTime(Segment[] all, long timestampMs) {
        for (Segment segment : all) {
            if (segment.maxTimestamp() >= timestampMs) {
                return segment;
            }
        }
        return all[all.length - 1];
    }

    /** Of those that follow each other, the newest time. */
    static long maxTimestamp(Segment[] all) {
        long max = PositionIndex.NO_TIMESTAMP;
        for (Segment segment : all) {
            max = Math.max(max, segment.maxTimestamp());
        }
        return max;
    }

    /** Of the newest record. */
    long maxTimestamp() {
        PositionIndex present = index;
        return present == null ? sealedMaxTimestamp : present.maxTimestamp();
    }

    SegmentName name() {
        return name;
    }

    long baseOffset() {
        return name.baseOffset();
    }

    LogEnd end() {
        return end;
    }

    boolean isSealed() {
        return sealed;
    }

    /** Nothing behind this end is read any more, and nothing is appended. */
    void sealAt(Boundary boundary) {
        end.releaseLower(boundary.offset(), boundary.position());
        sealed = true;
    }

    /** Between two batches, or at an end of the segment. */
    record Boundary(long offset, long position) {}

    /** The last one that is not above an offset, which must lie within the segment. Writer's thread. */
    Boundary boundaryBelow(long offset, ReadBuffers buffers) {
        try (LogFile file = openFile();
                ExcerptReader reader = new ExcerptReader(file, buffers)) {
            SegmentCursor cursor = new SegmentCursor(this, file, reader);
            cursor.seek(offset);
            cursor.next(Long.MAX_VALUE);
            return new Boundary(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()), cursor.batchPosition());
        }
    }

    /** The file has another name once the segment is sealed. */
    LogFile openFile() {
        return LogFile.renamed(path, name.sealedFile(directory), StandardOpenOption.READ);
    }

    /** Read, or made again, when somebody first asks for it. */
    synchronized PositionIndex index() {
        PositionIndex present = index;
        if (present == null) {
            present = readIndex();
            index = present;
        }
        return present;
    }

    private PositionIndex readIndex() {
        try {
            PositionIndex written = PositionIndex.read(name.indexFile(directory));
            if (written != null) {
                return written;
            }
            LOG.info("index is missing, the segment is read: file={}", name.indexFile(directory));
        } catch (CorruptRecordException e) {
            LOG.warn("index is damaged, the segment is read: reason={}", e.getMessage());
        }
        try (LogFile file = openFile()) {
            IndexingVisitor visitor = new IndexingVisitor(file.path());
            SegmentScan.scan(file, baseOffset(), end.offsetAcquire(), visitor);
            return visitor.index();
        }
    }
}
