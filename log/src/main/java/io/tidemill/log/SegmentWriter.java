package io.tidemill.log;

import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import io.tidemill.log.chronicle.SegmentName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends excerpts to a segment's file. Chronicle does the writing; this class sees to it that it can, and that it does.
 *
 * <ul>
 *   <li>Everything that Chronicle may touch is allocated before, so that a full disk is an exception here and not a fault
 *       in a mapping.
 *   <li>Chronicle appends where the log ends as we know it, or not at all. Left to itself it would go on behind a hole
 *       after a crash, report success, and nobody would ever see the batch.
 *   <li>Chronicle is opened by the first append, and thrown away when it fails. Whether the excerpt is there is then
 *       told by the file.
 * </ul>
 *
 * Owned by the writer's thread, but for {@link #maintain}.
 */
final class SegmentWriter implements AutoCloseable {
    private static final int PAGE_BYTES = 4 * 1024;
    /** Less is not worth it. */
    private static final long FORCED_BEHIND_BYTES = 16 * 1024 * 1024;
    /** More often would leave no time for making room, if the writer is as fast as the disk or faster. */
    private static final long FORCED_BEHIND_INTERVAL_NS = 1_000_000_000;

    private static final long NULL_POSITION = -1;

    private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);

    private final Path directory;
    private final SegmentName name;
    private final Path path;

    private final LogFile file;
    private volatile SpaceReserve reserve;
    private @Nullable ChronicleSegment chronicle;
    /** Where the last excerpt ends; 0 before the file exists. Chronicle may have put index pages behind it. */
    private long endPosition;

    private boolean namesForced;
    /** Owned by the thread that maintains. */
    private long forcedBehindPosition = NULL_POSITION;

    private long forcedBehindNs;

    SegmentWriter(Path directory, SegmentName name, long endPosition) {
        this.directory = directory;
        this.name = name;
        this.path = name.activeFile(directory);
        this.file = new LogFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.reserve = newReserve(endPosition);
        this.endPosition = endPosition;
    }

    private SpaceReserve newReserve(long reservedPosition) {
        return new SpaceReserve(file, new LogFile(path, StandardOpenOption.WRITE), reservedPosition);
    }

    Path path() {
        return path;
    }

    long endPosition() {
        return endPosition;
    }

    /**
     * Appends one excerpt.
     *
     * @return the position of its header
     * @throws StorageException when nothing was appended
     */
    long append(DirectBuffer buffer, int index, int length) {
        prepare(length);
        boolean interrupted = false;
        try {
            do {
                // On a thread that is interrupted, Chronicle's locks fail.
                interrupted |= Thread.interrupted();
            } while (!tryAppend(buffer, index, length));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        long position = endPosition;
        endPosition = position + ExcerptLayout.HEADER_LENGTH + length;
        return position;
    }

    /** Whether it is time to {@link #maintain}. */
    boolean isRoomLow() {
        return reserve.isLow();
    }

    /** Spares the appends and the sealing some work, and answers whether there was some. Another thread. */
    boolean maintain(long nowNs) {
        boolean hasReserved = reserve.keepAhead();
        return forceBehind(nowNs) || hasReserved;
    }

    /** So that little is left to force when the segment is full, or is lost when the machine crashes. */
    private boolean forceBehind(long nowNs) {
        if (forcedBehindPosition == NULL_POSITION) {
            forcedBehindPosition = 0;
            forcedBehindNs = nowNs;
        }
        long position = reserve.neededPosition();
        if (position - forcedBehindPosition < FORCED_BEHIND_BYTES
                || nowNs - forcedBehindNs < FORCED_BEHIND_INTERVAL_NS) {
            return false;
        }
        forcedBehindPosition = position;
        forcedBehindNs = nowNs;
        try (LogFile other = new LogFile(path, StandardOpenOption.READ)) {
            other.force();
        } catch (StorageException e) {
            // Who needs it forced does so again, and is told. Or it was sealed in this moment, and has another name.
            LOG.debug("could not force ahead of time: reason={}", e.getMessage());
        }
        return true;
    }

    /** Whether Chronicle, as it finds the file, appends where the log ends. */
    boolean isContinuable() {
        prepare(0);
        boolean interrupted = Thread.interrupted();
        try {
            return openChronicle().endsAt(endPosition);
        } catch (Exception | Error e) {
            // There is no telling what Chronicle makes of bytes that are not its own.
            dropChronicle(e);
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** After this, what was appended survives a crash of the machine. */
    void force() {
        if (endPosition == 0) {
            return;
        }
        reserve.onForce();
        file.force();
        forceNames();
    }

    private void forceNames() {
        if (!namesForced) {
            Directories.forceNames(directory);
            namesForced = true;
        }
    }

    /** Gives back what was reserved and not used; nothing can be appended any more. Returns the file's size. */
    long trim() {
        closeChronicle();
        reserve.end();
        // One header of zeros stays, for whoever reads the file as Chronicle does.
        long size = trimmedSize(skipMetadata(endPosition));
        file.truncate(size);
        return size;
    }

    private static long trimmedSize(long endPosition) {
        return BitUtil.align(endPosition + ExcerptLayout.HEADER_LENGTH, PAGE_BYTES);
    }

    /** The file's size if another excerpt were the last one. */
    long trimmedSizeWith(int length) {
        return trimmedSize(endPosition + ExcerptLayout.HEADER_LENGTH + length);
    }

    /** Everything that Chronicle will touch. The metadata first: what is reserved ahead may leave no room for it. */
    private void prepare(int length) {
        if (chronicle == null) {
            try {
                Uninterrupted.run(() -> {
                    ChronicleSegment.createMetadata(directory);
                    return directory;
                });
            } catch (IOException e) {
                throw new StorageException("cannot append: file=" + path + ", reason=" + e, e);
            }
        }
        ensureRoom(length);
    }

    private void ensureRoom(int length) {
        long needed = endPosition + ExcerptLayout.HEADER_LENGTH + length + 2L * ChronicleSegment.ROOM_BYTES;
        if (endPosition > 0) {
            reserve.ensure(needed);
            return;
        }
        // Chronicle creates the segment by taking the file from this name, so that no page of it is ever missing.
        Path precreated = name.precreatedFile(directory);
        try (LogFile first = new LogFile(precreated, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            first.truncate(0);
            new SpaceReserve(first, first, 0).ensure(needed);
        }
        reserve = newReserve(needed);
    }

    private ChronicleSegment openChronicle() {
        ChronicleSegment open = chronicle;
        if (open == null) {
            open = ChronicleSegment.open(directory, name);
            chronicle = open;
        }
        return open;
    }

    /** False when it was interrupted, and nothing was appended. */
    private boolean tryAppend(DirectBuffer buffer, int index, int length) {
        try {
            if (!openChronicle().append(buffer, index, length, endPosition)) {
                appendBehindMetadata(buffer, index, length);
            }
            return true;
        } catch (Exception | Error e) {
            // It throws what it does not declare, too.
            dropChronicle(e);
            if (isAppended(length)) {
                return true;
            }
            if (Thread.currentThread().isInterrupted()) {
                prepare(length);
                return false;
            }
            throw e instanceof StorageException known
                    ? known
                    : new StorageException("cannot append: file=" + path + ", reason=" + e, e);
        }
    }

    /** Chronicle creates the file only now, or has put an index page behind the last excerpt. */
    private void appendBehindMetadata(DirectBuffer buffer, int index, int length) {
        long knownPosition = endPosition;
        endPosition = skipMetadata(knownPosition);
        if (endPosition == knownPosition || !openChronicle().append(buffer, index, length, endPosition)) {
            throw new StorageException("Chronicle is not where the log ends, open the log again: file=" + path
                    + ", endPosition=" + endPosition);
        }
    }

    /** The excerpt is there or it is not, whatever Chronicle said. If it is not, what is behind the end may not be zero. */
    private boolean isAppended(int length) {
        if (Files.exists(path)) {
            endPosition = skipMetadata(endPosition);
            int header = newReader().header(endPosition, file.size());
            if (ExcerptLayout.isBatch(header) && ExcerptLayout.length(header) == length) {
                return true;
            }
            if (endPosition == 0) {
                deleteHalfCreated();
            }
        }
        reserve.end();
        reserve = newReserve(endPosition);
        return false;
    }

    /** Chronicle would wait for somebody to complete it. */
    private void deleteHalfCreated() {
        file.release();
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new StorageException("cannot delete file: file=" + path + ", reason=" + e, e);
        }
    }

    private long skipMetadata(long position) {
        return newReader().skipMetadata(position, file.size());
    }

    private ExcerptReader newReader() {
        return new ExcerptReader(file, new ReadBuffers());
    }

    private void dropChronicle(Throwable reason) {
        try {
            closeChronicle();
        } catch (Exception | Error e) {
            reason.addSuppressed(e);
        }
    }

    private void closeChronicle() {
        ChronicleSegment open = chronicle;
        chronicle = null;
        if (open != null) {
            open.close();
            try {
                ChronicleSegment.deleteMetadata(directory);
            } catch (IOException e) {
                throw new StorageException("cannot close: file=" + path + ", reason=" + e, e);
            }
        }
    }

    @Override
    public void close() {
        try {
            closeChronicle();
        } finally {
            reserve.end();
            file.close();
        }
    }
}
