package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Partition;
import io.tidemill.spi.LogCursor;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets brokers read a partition that do not keep it, under one leader epoch: tells those that watch it where it begins and ends, as
 * soon as that moves, and sends the batches they ask for, as soon as those are committed.
 *
 * <p>Owned by the lane thread.
 */
final class Serving {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    /** What goes into one answer, unless it is a single batch; it takes one after the other from each reader's broker. */
    private static final int ANSWER_BYTES_MAX = 256 * 1024;

    private static final long UNKNOWN_OFFSET = -1;

    private final Partition partition;
    private final ReplicaLog log;
    private final ReplicaSender sender;
    private final int epoch;
    private final Int2ObjectHashMap<Watcher> watchers = new Int2ObjectHashMap<>();
    /** One for all, as long as somebody watches. */
    private @Nullable LogCursor cursor;
    /** Where the cursor goes on; {@link #UNKNOWN_OFFSET} when it has to be sought. */
    private long cursorOffset = UNKNOWN_OFFSET;

    private final ExpandableArrayBuffer answer = new ExpandableArrayBuffer();
    private int answerLength;
    /** Whether it could be read; otherwise that is the answer. */
    private boolean isRead;
    /** What the answer is for, as long as there is no room for it. Of which reader does not matter: it is the same for all. */
    private @Nullable Wanted prepared;

    private record Wanted(long number, long offset) {}

    /**
     * A broker that watches, what it was told, and what it waits for: one answer for each of its cursors, and those that a cursor
     * did not wait for.
     */
    private static final class Watcher {
        private final int brokerId;
        private long toldStart = UNKNOWN_OFFSET;
        private long toldHighWatermark = UNKNOWN_OFFSET;
        private final Deque<Wanted> wanted = new ArrayDeque<>();

        private Watcher(int brokerId) {
            this.brokerId = brokerId;
        }
    }

    Serving(ReplicaPlace place, ReplicaLog log, int epoch) {
        this.partition = place.partition();
        this.sender = place.sender();
        this.log = log;
        this.epoch = epoch;
    }

    int epoch() {
        return epoch;
    }

    // ---- what readers' brokers ask

    void onMessage(int fromId, DirectBuffer buffer, int message) {
        switch (ReplicaMessageLayout.kind(buffer, message)) {
            case ReplicaMessageLayout.WATCH -> onWatch(fromId);
            case ReplicaMessageLayout.UNWATCH -> onUnwatch(fromId);
            default ->
                onFetch(
                        fromId,
                        ReplicaMessageLayout.attempt(buffer, message),
                        ReplicaMessageLayout.offset(buffer, message));
        }
    }

    /** Also once more, when it has not heard. What it asked for before, it has not forgotten. */
    private void onWatch(int brokerId) {
        Watcher watcher = watchers.get(brokerId);
        if (watcher == null) {
            watchers.put(brokerId, new Watcher(brokerId));
        } else {
            watcher.toldStart = UNKNOWN_OFFSET;
        }
    }

    /** Or the connection has ended, and with it what was asked. */
    void onUnwatch(int brokerId) {
        watchers.remove(brokerId);
        if (watchers.isEmpty()) {
            closeCursor();
        }
    }

    private void onFetch(int brokerId, long number, long offset) {
        Watcher watcher = watchers.get(brokerId);
        if (watcher != null) {
            watcher.wanted.add(new Wanted(number, offset));
        }
    }

    // ---- from time to time

    /** Says what is to be said. Answers whether there was something. */
    int doWork() {
        int work = 0;
        for (Watcher watcher : watchers.values()) {
            // First: what is in an answer lies between the bounds that were told.
            if (!isTold(watcher)) {
                work += tell(watcher);
            }
            if (isTold(watcher)) {
                work += answerNext(watcher);
            }
        }
        return work;
    }

    private boolean isTold(Watcher watcher) {
        return watcher.toldStart == log.startOffset() && watcher.toldHighWatermark == partition.committedAcquire();
    }

    private int tell(Watcher watcher) {
        long start = log.startOffset();
        long highWatermark = partition.committedAcquire();
        if (!sender.bounds(watcher.brokerId, epoch, partition.isCaughtUp(), start, highWatermark, log.endOffset())) {
            return 0;
        }
        watcher.toldStart = start;
        watcher.toldHighWatermark = highWatermark;
        return 1;
    }

    /** The first of those that can be answered now. */
    private int answerNext(Watcher watcher) {
        for (int i = watcher.wanted.size(); i > 0; i--) {
            Wanted next = watcher.wanted.remove();
            if (!prepare(next)) {
                watcher.wanted.add(next);
            } else if (sender.fetched(watcher.brokerId, epoch, next.number(), isRead, answer, answerLength)) {
                prepared = null;
                return 1;
            } else {
                watcher.wanted.addFirst(next);
                return 0;
            }
        }
        return 0;
    }

    /** Whether there is an answer now. */
    private boolean prepare(Wanted wanted) {
        if (wanted.equals(prepared)) {
            return true;
        }
        prepared = null;
        isRead = false;
        try {
            read(wanted.offset());
            isRead = true;
        } catch (OffsetOutOfRangeException e) {
            // Deleted just now; the next look finds where the log begins.
            closeCursor();
            answerLength = 0;
            return false;
        } catch (TidemillException e) {
            LOG.warn(
                    "cannot be read for another broker: partition={}, offset={}, reason={}",
                    partition,
                    wanted.offset(),
                    e.toString());
            closeCursor();
            answerLength = 0;
        }
        if (isRead && answerLength == 0) {
            return false;
        }
        prepared = wanted;
        return true;
    }

    /** Whole batches that are committed, from the one on that holds that offset. */
    private void read(long offset) {
        answerLength = 0;
        long limit = partition.committedAcquire();
        if (offset >= limit) {
            return;
        }
        LogCursor reader = cursor;
        if (reader == null) {
            reader = log.newCursor();
            cursor = reader;
        }
        if (cursorOffset != offset) {
            reader.seek(offset);
        }
        cursorOffset = UNKNOWN_OFFSET;
        while (answerLength < ANSWER_BYTES_MAX && reader.next(limit)) {
            int length = BatchLayout.frameLength(reader.buffer(), reader.batchIndex());
            if (answerLength > 0 && answerLength + length > ANSWER_BYTES_MAX) {
                // It is on the one behind.
                cursorOffset = UNKNOWN_OFFSET;
                return;
            }
            answer.putBytes(answerLength, reader.buffer(), reader.batchIndex(), length);
            answerLength += length;
            cursorOffset = BatchLayout.endOffset(reader.buffer(), reader.batchIndex());
        }
    }

    private void closeCursor() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
        cursorOffset = UNKNOWN_OFFSET;
    }

    void close() {
        watchers.clear();
        closeCursor();
    }
}
