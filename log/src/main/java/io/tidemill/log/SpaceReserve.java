package io.tidemill.log;

import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.ChronicleSegment;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Writes zeros ahead of an append. It turns a full disk into an exception that comes before anything happened, and is
 * faster than first touching the pages through a mapping.
 *
 * <p>In a file that is large already somebody beside the writer may {@link #keepAhead}: then the writer finds the room that
 * it needs, and comes here only when it was faster. One of them at a time writes zeros, each behind what is reserved; what
 * the writer appends lies below that. Without such a one the writer does it all.
 */
final class SpaceReserve {
    private static final int STEP_BYTES_MIN = 16 * 1024;
    /**
     * What the processor maps by one entry, on most machines: with 1 MiB appending took 49 ns per record, and with this 40.
     * Who waits for the other one waits for so much to be written.
     */
    private static final int STEP_BYTES_MAX = 2 * 1024 * 1024;
    /** Up to here a file doubles: a thousand files that grow at once by a quarter took a third longer. */
    private static final int STEP_BYTES_DOUBLING = 256 * 1024;

    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(STEP_BYTES_MAX).asReadOnlyBuffer();

    /** A file that has grown so far, and was not forced, is worth it. */
    private static final long KEPT_AHEAD_FROM = 4 * 1024 * 1024;
    /** What another thread keeps reserved; half of it lasts until that thread has woken up. */
    private static final long KEPT_AHEAD_BYTES = 8 * 1024 * 1024;

    private final LogFile file;
    private final LogFile otherFile;
    private final Lock turn = new ReentrantLock();
    private final IdleStrategy waitingForRoom = new BackoffIdleStrategy();
    /** Up to here the file is allocated, and zero behind its last excerpt. Changed by whose turn it is. */
    private volatile long reservedPosition;
    /** How far the writer last asked for room. */
    private volatile long neededPosition;
    /** How far the writer had asked for room when it last forced the file. */
    private volatile long forcedPosition;
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

    private void reserve(long position) {
        while (position > reservedPosition) {
            if (turn.tryLock()) {
                try {
                    reserveSteps(position);
                } finally {
                    turn.unlock();
                }
            } else {
                // The other one is at it, and done sooner than this thread would be woken up.
                waitingForRoom.idle();
            }
        }
        waitingForRoom.reset();
    }

    private void reserveSteps(long position) {
        try {
            while (position > reservedPosition) {
                writeStep(file);
            }
        } catch (StorageException e) {
            if (position > reservedPosition) {
                throw e;
            }
        }
    }

    /** The writer forces the file. */
    void onForce() {
        forcedPosition = neededPosition;
    }

    /** Whether it is time to {@link #keepAhead}. */
    boolean isLow() {
        long needed = neededPosition;
        return needed - forcedPosition >= KEPT_AHEAD_FROM && reservedPosition - needed < KEPT_AHEAD_BYTES / 2;
    }

    /** How far the writer last asked for room: a little behind what it has appended. Any thread. */
    long neededPosition() {
        return neededPosition;
    }

    /** Reserves more than the writer needs now, and answers whether it did. Any thread. */
    boolean keepAhead() {
        boolean hasWritten = false;
        if (isLow()) {
            while (reservedPosition < neededPosition + KEPT_AHEAD_BYTES && keepAheadOneStep()) {
                hasWritten = true;
            }
        }
        return hasWritten;
    }

    private boolean keepAheadOneStep() {
        turn.lock();
        try {
            if (!isOver) {
                writeStep(otherFile);
                // Chronicle would do it when it gets there, and wait for the step that is being written then.
                otherFile.extend(ChronicleSegment.fileSizeAt(reservedPosition));
            }
            return !isOver;
        } catch (StorageException e) {
            // The writer comes here when it needs the room, and tells whom it concerns.
            end();
            return false;
        } finally {
            turn.unlock();
        }
    }

    /**
     * Writes zeros up to the next multiple of a step that grows with what was reserved since the file was forced: as much
     * again while that is little, then a quarter of it. Steps that are powers of two, at multiples of themselves, are what the
     * page cache takes in one piece. Such pieces are mapped and read faster, but a byte that changes makes the whole of it be
     * written by the next force.
     */
    private void writeStep(LogFile to) {
        long grown = reservedPosition - forcedPosition;
        long step = Long.highestOneBit(Math.max(grown / 4, Math.min(grown, STEP_BYTES_DOUBLING)));
        step = Math.max(STEP_BYTES_MIN, Math.min(STEP_BYTES_MAX, step));
        ByteBuffer zeros = ZEROS.duplicate().limit((int) (step - reservedPosition % step));
        try {
            to.write(zeros, reservedPosition);
        } finally {
            reservedPosition += zeros.position();
        }
    }

    /** Nobody else writes to the file when this returns, or will. */
    void end() {
        turn.lock();
        try {
            isOver = true;
            otherFile.close();
        } finally {
            turn.unlock();
        }
    }
}
