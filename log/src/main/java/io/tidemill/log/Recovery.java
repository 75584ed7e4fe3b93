package io.tidemill.log;

import static java.nio.file.StandardOpenOption.READ;

import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.log.chronicle.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a log holds, and makes its file one that can be appended to.
 *
 * <p>The file is taken as it is when it was closed properly, or when behind its last batch there are zeros only, the
 * machine ran on, and Chronicle would append where the log ends. Otherwise Chronicle cannot be trusted with it: what it
 * keeps in the file may tell of more than there is. Then the file is set aside as {@code .bad}, and what is good in it is
 * appended to a new one. The name says that this has begun, so whoever comes after a crash in the middle begins it again.
 */
final class Recovery {
    private static final String BAD_SUFFIX = ".bad";
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Path directory;
    private final SegmentName name;
    private final boolean machineRestarted;
    private final Path segment;
    private final Path bad;
    private final RecoveryPoint point;

    private Recovery(Path directory, SegmentName name, boolean machineRestarted) {
        this.directory = directory;
        this.name = name;
        this.machineRestarted = machineRestarted;
        this.segment = name.activeFile(directory);
        this.bad = badFile(directory, name);
        this.point = RecoveryPoint.read(directory);
    }

    /** Where the active segment's file is set aside; as long as it is there, it is what counts. */
    static Path badFile(Path directory, SegmentName name) {
        Path segment = name.activeFile(directory);
        return segment.resolveSibling(segment.getFileName() + BAD_SUFFIX);
    }

    /**
     * A log that can be read and appended to.
     *
     * @param isChanged whether it has to be closed with a new recovery point even if nothing is appended
     */
    record Recovered(SegmentWriter writer, PositionIndex index, long endOffset, boolean isChanged) {}

    /**
     * @param machineRestarted whether what the log's last owner did not force may have been lost
     * @throws StorageException when it cannot be done; it can be tried again
     */
    static Recovered recover(Path directory, SegmentName name, boolean machineRestarted) {
        try {
            return new Recovery(directory, name, machineRestarted).recover();
        } catch (IOException e) {
            throw new StorageException("cannot recover log: directory=" + directory + ", reason=" + e, e);
        }
    }

    private Recovered recover() throws IOException {
        ChronicleSegment.deleteMetadata(directory);
        Files.deleteIfExists(name.precreatedFile(directory));
        if (Files.exists(bad)) {
            Files.deleteIfExists(segment);
            return rewrite();
        }
        if (!Files.exists(segment)) {
            warnOfLoss(name.baseOffset());
            return new Recovered(new SegmentWriter(directory, name, 0), new PositionIndex(), name.baseOffset(), false);
        }
        Recovered asClosed = recoverAsClosed();
        return asClosed == null ? recoverSegment() : asClosed;
    }

    /** Looks at the end of the file only; null when it is not as it was. */
    private @Nullable Recovered recoverAsClosed() throws IOException {
        if (point.endOffset() <= name.baseOffset()
                || point.fileSize() != Files.size(segment)
                || !point.hasHeadOf(segment)) {
            return null;
        }
        SegmentScan.End end;
        try (LogFile file = new LogFile(segment, READ)) {
            end = SegmentScan.scanTail(file, point.index().last(), new IndexingVisitor(segment));
        }
        if (end.endOffset() != point.endOffset() || !end.isTailClean() || !end.isHeadSound()) {
            return null;
        }
        SegmentWriter writer = new SegmentWriter(directory, name, end.endPosition());
        return new Recovered(writer, point.index(), end.endOffset(), false);
    }

    private Recovered recoverSegment() throws IOException {
        IndexingVisitor visitor = new IndexingVisitor(segment);
        SegmentScan.End end = scan(segment, visitor);
        boolean isAsClosed = point.isOf(Files.size(segment), end.endOffset());
        boolean isTrusted =
                end.isTailClean() && end.isHeadSound() && (isAsClosed ? point.hasHeadOf(segment) : !machineRestarted);
        if (isTrusted) {
            SegmentWriter writer = new SegmentWriter(directory, name, end.endPosition());
            if (isAsClosed || isContinuable(writer)) {
                warnOfLoss(end.endOffset());
                return new Recovered(writer, visitor.index(), end.endOffset(), !isAsClosed);
            }
        }
        Files.move(segment, bad, StandardCopyOption.ATOMIC_MOVE);
        Directories.sync(directory);
        return rewrite();
    }

    private static boolean isContinuable(SegmentWriter writer) {
        boolean isContinuable = false;
        try {
            isContinuable = writer.isContinuable();
        } finally {
            if (!isContinuable) {
                writer.close();
            }
        }
        return isContinuable;
    }

    private Recovered rewrite() throws IOException {
        PositionIndex index = new PositionIndex();
        SegmentWriter writer = new SegmentWriter(directory, name, 0);
        try {
            SegmentScan.End end = scan(bad, new CopyingVisitor(index, writer));
            LOG.info(
                    "rewrote a segment that was not closed: file={}, endOffset={}, bytes={}",
                    segment,
                    end.endOffset(),
                    end.endPosition());
            writer.force();
            Files.delete(bad);
            Directories.sync(directory);
            warnOfLoss(end.endOffset());
            return new Recovered(writer, index, end.endOffset(), true);
        } catch (IOException | RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private SegmentScan.End scan(Path path, SegmentScan.Visitor visitor) {
        try (LogFile file = new LogFile(path, READ)) {
            return SegmentScan.scan(file, name.baseOffset(), point.endOffset(), visitor);
        }
    }

    private void warnOfLoss(long endOffset) {
        if (endOffset < point.endOffset()) {
            LOG.warn(
                    "log lost its end since it was closed: directory={}, endOffset={}, endOffsetWhenClosed={}",
                    directory,
                    endOffset,
                    point.endOffset());
        }
    }

    private void warnOfDamage(long position, long offset) {
        LOG.warn("log is damaged: file={}, position={}, offset={}", segment, position, offset);
    }

    private final class CopyingVisitor implements SegmentScan.Visitor {
        private final PositionIndex index;
        private final SegmentWriter writer;

        CopyingVisitor(PositionIndex index, SegmentWriter writer) {
            this.index = index;
            this.writer = writer;
        }

        @Override
        public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
            index.onBatch(buffer, batchIndex, writer.append(buffer, batchIndex, length));
        }

        /** What cannot be read stays in its place as one entry that cannot be read: a gap would look like nothing. */
        @Override
        public void onDamage(long position, long nextPosition, long offset, long nextOffset) {
            if (offset < nextOffset) {
                warnOfDamage(position, offset);
                DirectBuffer damage = damage(position, nextPosition);
                writer.append(damage, 0, damage.capacity());
            }
        }

        private DirectBuffer damage(long position, long nextPosition) {
            long length = nextPosition - position - ExcerptLayout.HEADER_LENGTH;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, ChronicleSegment.BATCH_BYTES_MAX));
            try (LogFile file = new LogFile(bad, READ)) {
                file.read(bytes, position + ExcerptLayout.HEADER_LENGTH);
            }
            return new UnsafeBuffer(bytes);
        }
    }
}
