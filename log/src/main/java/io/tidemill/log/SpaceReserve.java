package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.nio.ByteBuffer;

/**
 * Writes zeros ahead of an append. It turns a full disk into an exception that comes before anything happened, and is
 * faster than first touching the pages through a mapping.
 *
 * <p>In a file that is large already somebody beside the writer may {@link #keepAhead}: then the writer finds the room that
 * it needs, and comes here only when it was faster. One of them at a time writes zeros, each behind what is reserved; what
 * the writer appends lies below that. Without such a one the writer does it all.
 */
final class SpaceReserve {
    private static final int AHEAD_BYTES_MIN = 16 * 1024;
    private static final int AHEAD_BYTES_MAX = 1024 * 1024;
    /** The page cache takes it in larger pieces, which are read faster; who waits for the other one waits for this. */
    private static final int CHUNK_BYTES = 1024 * 1024;

    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(CHUNK_BYTES).asReadOnlyBuffer();

    /** A file that has grown so far is worth it. */
    private static final long KEPT_AHEAD_FROM = 4 * 1024 * 1024;
    /** What another thread keeps reserved; half of it lasts until that thread has woken up. */
    private static final long KEPT_AHEAD_BYTES = 8 * 1024 * 1024;

    private final LogFile file;
    private final LogFile otherFile;
    /** Up to here the file is allocated, and zero behind its last excerpt. Changed by who holds the monitor. */
    private volatile long reservedPosition;
    /** How far the writer last asked for room. */
    private volatile long neededPosition;
    /** Nobody keeps ahead any more. */
    private boolean isOver;

    /** The other file is the same one, for who keeps ahead; it is opened by its first use. */
    SpaceReserve(LogFile file, LogFile otherFile, long reservedPosition) {
        this.file = file;
        this.otherFile = otherFile;
        this.reservedPosition = reservedPosition;
    }

    /**
     * Makes sure of the bytes below a position, and of some more, the more the larger the file is. The writer.
     *
     * @throws StorageException when there is no room
     */
    void ensure(long position) {
        neededPosition = position;
        if (position > reservedPosition) {
            reserve(position);
        }
    }

    private synchronized void reserve(long position) {
        long ahead = Math.max(AHEAD_BYTES_MIN, Math.min(AHEAD_BYTES_MAX, position / 4));
        try {
            while (position > reservedPosition) {
                writeZeros(file, Math.min(CHUNK_BYTES, position + ahead - reservedPosition));
            }
        } catch (StorageException e) {
            if (position > reservedPosition) {
                throw e;
            }
        }
    }

    /** Whether it is time to {@link #keepAhead}. */
    boolean isLow() {
        long needed = neededPosition;
        return needed >= KEPT_AHEAD_FROM && reservedPosition - needed < KEPT_AHEAD_BYTES / 2;
    }

    /** How far the writer last asked for room: a little behind what it has appended. Any thread. */
    long neededPosition() {
        return neededPosition;
    }

    /** Reserves more than the writer needs now, and answers whether it did. Any thread. */
    boolean keepAhead() {
        boolean hasWritten = false;
        if (isLow()) {
            while (reservedPosition < neededPosition + KEPT_AHEAD_BYTES && keepAheadOneChunk()) {
                hasWritten = true;
            }
        }
        return hasWritten;
    }

    private synchronized boolean keepAheadOneChunk() {
        if (isOver) {
            return false;
        }
        try {
            writeZeros(otherFile, CHUNK_BYTES);
            return true;
        } catch (StorageException e) {
            // The writer comes here when it needs the room, and tells whom it concerns.
            end();
            return false;
        }
    }

    private void writeZeros(LogFile to, long length) {
        ByteBuffer zeros = ZEROS.duplicate().limit((int) length);
        try {
            to.write(zeros, reservedPosition);
        } finally {
            reservedPosition += zeros.position();
        }
    }

    /** Nobody else writes to the file when this returns, or will. */
    synchronized void end() {
        isOver = true;
        otherFile.close();
    }
}
