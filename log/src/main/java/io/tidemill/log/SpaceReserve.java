package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.nio.ByteBuffer;

/**
 * Writes zeros ahead of an append. It turns a full disk into an exception that comes before anything happened, and is
 * faster than first touching the pages through a mapping. Owned by the writer's thread.
 */
final class SpaceReserve {
    private static final int AHEAD_BYTES_MIN = 16 * 1024;
    private static final int AHEAD_BYTES_MAX = 1024 * 1024;
    private static final int CHUNK_BYTES = 1024 * 1024;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(CHUNK_BYTES).asReadOnlyBuffer();

    private final LogFile file;
    /** Up to here the file is allocated, and zero behind its last excerpt. */
    private long reservedPosition;

    SpaceReserve(LogFile file, long reservedPosition) {
        this.file = file;
        this.reservedPosition = reservedPosition;
    }

    /**
     * Makes sure of the bytes below a position, and of some more, the more the larger the file is.
     *
     * @throws StorageException when there is no room
     */
    void ensure(long position) {
        if (position <= reservedPosition) {
            return;
        }
        long ahead = Math.max(AHEAD_BYTES_MIN, Math.min(AHEAD_BYTES_MAX, position / 4));
        try {
            writeZeros(position + ahead);
        } catch (StorageException e) {
            if (position > reservedPosition) {
                throw e;
            }
        }
    }

    private void writeZeros(long endPosition) {
        ByteBuffer zeros = ZEROS.duplicate();
        while (reservedPosition < endPosition) {
            zeros.clear().limit((int) Math.min(CHUNK_BYTES, endPosition - reservedPosition));
            try {
                file.write(zeros, reservedPosition);
            } finally {
                reservedPosition += zeros.position();
            }
        }
    }
}
