package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the batches of a {@link RemoteLog}: over those of one answer of the leader, then over those of the next. It asks for them
 * when it has no more, and while they are on their way, there is no next one.
 */
final class RemoteCursor implements LogCursor {
    private final RemoteLog log;
    private final Wakeup wakeup;
    private final Crc32c crc = new Crc32c();
    private long nextOffset;
    /** What the leader was asked for; null when it was not. */
    private @Nullable RemoteFetch fetch;

    private ExpandableArrayBuffer batches = new ExpandableArrayBuffer();
    private int nextIndex;
    private int end;
    private int batchIndex;
    private boolean isFound;
    private boolean isClosed;

    RemoteCursor(RemoteLog log) {
        this.log = log;
        this.wakeup = log.newWakeup();
        this.nextOffset = log.startOffset();
    }

    @Override
    public void seek(long offset) {
        nextOffset = Math.max(offset, log.startOffset());
        nextIndex = 0;
        end = 0;
        if (fetch != null) {
            log.forget(fetch);
            fetch = null;
            // The lane thread may be about to write into the other.
            batches = new ExpandableArrayBuffer();
        }
    }

    @Override
    public boolean next(long limitOffset) {
        if (isOver()) {
            return false;
        }
        if (fetch != null && !takeAnswer(fetch)) {
            return false;
        }
        if (nextIndex == end) {
            if (nextOffset < limitOffset) {
                fetch = new RemoteFetch(nextOffset, batches);
                log.fetch(fetch);
            }
            return false;
        }
        requireSound(nextIndex);
        long endOffset = BatchLayout.endOffset(batches, nextIndex);
        if (endOffset > limitOffset) {
            return false;
        }
        batchIndex = nextIndex;
        nextIndex += BatchLayout.frameLength(batches, batchIndex);
        nextOffset = endOffset;
        return true;
    }

    /** Whether it is there. */
    private boolean takeAnswer(RemoteFetch asked) {
        if (!asked.isDone()) {
            return false;
        }
        fetch = null;
        if (asked.hasFailed()) {
            throw new StorageException(
                    "the partition's leader cannot read it, its log says why: partition=" + log + ", offset="
                            + asked.offset(),
                    null);
        }
        nextIndex = 0;
        end = asked.length();
        return true;
    }

    private void requireSound(int index) {
        if (!BatchLayout.isPlausible(batches, index, end - index) || !crc.matches(batches, index)) {
            // Asked for again next time.
            end = nextIndex;
            throw new CorruptRecordException(
                    "a batch that the leader sent is damaged: partition=" + log + ", offset=" + nextOffset);
        }
    }

    @Override
    public boolean isOnItsWay() {
        return fetch != null && !isOver();
    }

    private boolean isOver() {
        return isClosed || log.isClosed() || log.isLeft();
    }

    @Override
    public boolean awaitNext(long limitOffset) {
        if (!tryNext(limitOffset)) {
            log.await(() -> tryNext(limitOffset), wakeup);
        }
        return isFound;
    }

    /** Whether it is known if there is one. */
    private boolean tryNext(long limitOffset) {
        isFound = next(limitOffset);
        return isFound || !isOnItsWay();
    }

    @Override
    public DirectBuffer buffer() {
        return batches;
    }

    @Override
    public int batchIndex() {
        return batchIndex;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            if (fetch != null) {
                log.forget(fetch);
            }
            log.unwatch();
        }
    }
}
