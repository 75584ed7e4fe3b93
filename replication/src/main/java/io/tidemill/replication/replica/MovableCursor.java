package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/** Walks over the batches of a {@link MovableLog}, wherever that is read. When it has moved, it goes on at the same offset there. */
final class MovableCursor implements LogCursor {
    private final MovableLog log;
    private PartitionLog source;
    private LogCursor cursor;
    private long nextOffset;
    private boolean isClosed;

    MovableCursor(MovableLog log, PartitionLog source, LogCursor cursor) {
        this.log = log;
        this.source = source;
        this.cursor = cursor;
        this.nextOffset = source.startOffset();
        // Where it is read elsewhere one day, it has to be known that somebody reads, also while there is nothing to
        // read.
        log.remote().watch();
    }

    @Override
    public void seek(long offset) {
        nextOffset = offset;
        try {
            cursor.seek(offset);
        } catch (RuntimeException e) {
            // Where it has moved, the next step goes there.
            if (!hasMoved()) {
                throw e;
            }
        }
    }

    @Override
    public boolean next(long limitOffset) {
        return step(now -> now.next(limitOffset));
    }

    @Override
    public boolean awaitNext(long limitOffset) {
        return step(now -> now.awaitNext(limitOffset));
    }

    @Override
    public boolean nextOfTime(long timestampMs, long limitOffset) {
        return step(now -> now.nextOfTime(timestampMs, limitOffset));
    }

    @Override
    public boolean nextOfMaxTime(long limitOffset) {
        return step(now -> now.nextOfMaxTime(limitOffset));
    }

    /** Again, where the log has moved meanwhile: whatever came of it was said of a log that is not read any more. */
    private boolean step(Predicate<LogCursor> how) {
        while (true) {
            follow();
            boolean isFound;
            try {
                isFound = how.test(cursor);
            } catch (RuntimeException e) {
                if (hasMoved()) {
                    continue;
                }
                throw e;
            }
            if (isFound) {
                nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                return true;
            }
            if (!hasMoved()) {
                return false;
            }
        }
    }

    private boolean hasMoved() {
        return !isClosed && log.source() != source;
    }

    private void follow() {
        if (hasMoved()) {
            PartitionLog there = log.source();
            LogCursor former = cursor;
            cursor = log.newCursorOf(there);
            source = there;
            former.close();
            cursor.seek(nextOffset);
        }
    }

    @Override
    public boolean isOnItsWay() {
        return cursor.isOnItsWay();
    }

    @Override
    public DirectBuffer buffer() {
        return cursor.buffer();
    }

    @Override
    public int batchIndex() {
        return cursor.batchIndex();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            cursor.close();
            log.remote().unwatch();
        }
    }
}
