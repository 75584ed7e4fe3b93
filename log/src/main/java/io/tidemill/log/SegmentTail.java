package io.tidemill.log;

import static java.nio.file.StandardOpenOption.READ;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a file that another process appends to. A batch counts as soon as it is whole: the writer sets the header of
 * its excerpt last. One whose header or checksum is not right yet may be right the next time.
 *
 * <p>One thread at a time.
 */
final class SegmentTail implements AutoCloseable {
    private final Path path;
    private final @Nullable Object fileKey;
    private final Segment segment;
    private final PositionIndex index;
    private final LogFile file;
    private final ExcerptReader reader;
    private final ByteBuffer header = ByteBuffer.allocateDirect(ExcerptLayout.HEADER_LENGTH);
    private long position;
    private long endOffset;

    private SegmentTail(
            Path path,
            @Nullable Object fileKey,
            Segment segment,
            PositionIndex index,
            LogFile file,
            ExcerptReader reader,
            SegmentScan.End end) {
        this.path = path;
        this.fileKey = fileKey;
        this.segment = segment;
        this.index = index;
        this.file = file;
        this.reader = reader;
        this.position = end.endPosition();
        this.endOffset = end.endOffset();
    }

    /** Reads the active segment through; null when it is not there, or replaced right now. */
    static @Nullable SegmentTail open(LogSnapshot snapshot, ReadBuffers buffers) {
        LogSnapshot.Part part = snapshot.active();
        Object fileKey = fileKey(part.file());
        if (!Files.exists(part.file())) {
            return null;
        }
        LogFile file = new LogFile(part.file(), READ);
        boolean isOpen = false;
        try {
            SegmentTail tail = read(snapshot, part, fileKey, file, buffers);
            isOpen = tail.isSameFile();
            return isOpen ? tail : null;
        } catch (StorageException e) {
            if (isSameFile(part.file(), fileKey)) {
                throw e;
            }
            // Its writer took it away meanwhile.
            return null;
        } finally {
            if (!isOpen) {
                file.close();
            }
        }
    }

    private static SegmentTail read(
            LogSnapshot snapshot, LogSnapshot.Part part, @Nullable Object fileKey, LogFile file, ReadBuffers buffers) {
        RecoveryPoint point = snapshot.point();
        PositionIndex index = new PositionIndex();
        long baseOffset = part.name().baseOffset();
        long position = 0;
        if (point.endOffset() > baseOffset && point.fileSize() == file.size() && point.hasHeadOf(part.file())) {
            // As it was closed: what the index tells need not be read again.
            index = point.index();
            baseOffset = index.last().baseOffset();
            position = index.last().position();
        }
        SegmentScan.End end = DamageScan.scan(
                file,
                buffers,
                baseOffset,
                position,
                part.endOffset(),
                part.endPosition(),
                new IndexingVisitor(part.file(), index));
        LogEnd logEnd = new LogEnd(end.endOffset(), end.endPosition());
        Segment segment = Segment.active(part.directory(), part.name(), part.file(), logEnd, index);
        return new SegmentTail(part.file(), fileKey, segment, index, file, new ExcerptReader(file, buffers), end);
    }

    Segment segment() {
        return segment;
    }

    /** Steps over batches that were completed since, and publishes where they end; answers whether there were any. */
    boolean advance(long bytesMax) {
        if (!isBegun()) {
            return false;
        }
        reader.forget();
        long firstOffset = endOffset;
        long limitPosition = position + bytesMax;
        while (position < limitPosition) {
            int header = reader.header(position, Long.MAX_VALUE);
            if (ExcerptLayout.isMetadata(header)) {
                position = ExcerptLayout.next(position, header);
                continue;
            }
            if (!reader.hasBatch(position, header, Long.MAX_VALUE)) {
                break;
            }
            DirectBuffer buffer = reader.buffer();
            int batch = reader.batchIndex(position);
            if (BatchLayout.baseOffset(buffer, batch) != endOffset) {
                break;
            }
            index.onBatch(buffer, batch, position);
            endOffset = BatchLayout.endOffset(buffer, batch);
            position = ExcerptLayout.next(position, header);
            segment.end().release(endOffset, position);
        }
        return endOffset > firstOffset;
    }

    /** Whether there is anything behind the last excerpt. Most of the time there is not, and this costs least. */
    private boolean isBegun() {
        file.read(header.clear(), position);
        return header.position() == ExcerptLayout.HEADER_LENGTH && header.getInt(0) != ExcerptLayout.EMPTY;
    }

    /** Whether the file still has its name: the writer renames what it seals, and what it has to rewrite. */
    boolean isSameFile() {
        return isSameFile(path, fileKey);
    }

    private static boolean isSameFile(Path path, @Nullable Object fileKey) {
        return fileKey == null ? Files.exists(path) : fileKey.equals(fileKey(path));
    }

    /** Whether that is the file's name by now. */
    boolean isNow(Path other) {
        return fileKey != null && fileKey.equals(fileKey(other));
    }

    /** Null when there is no such file, or the system does not tell files apart. */
    private static @Nullable Object fileKey(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        reader.close();
        file.close();
    }
}
