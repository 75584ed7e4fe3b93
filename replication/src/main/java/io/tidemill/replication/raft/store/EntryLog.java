package io.tidemill.replication.raft.store;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Entries behind a snapshot, in a log that begins with the first of them. Each is a batch of its own, because a log forgets whole
 * batches: with several in one, cutting off the last would take those in front of it from the disk, though they may be committed.
 */
final class EntryLog implements AutoCloseable {
    private static final LogSettings SETTINGS =
            LogSettings.defaults().withRetentionMs(LogSettings.UNLIMITED).withRetentionBytes(LogSettings.UNLIMITED);
    /** Nobody asks when an entry was appended. */
    private static final long TIMESTAMP_MS = 0;

    private final String name;
    private final PartitionLog log;
    private final long firstIndex;
    private final BatchBuilder batch = new BatchBuilder();
    /** What a process has left that died may be in the memory of the machine only. */
    private boolean isUnflushed = true;

    EntryLog(LogStore store, String name, long firstIndex) {
        this.name = name;
        this.log = store.openLog(name, SETTINGS);
        this.firstIndex = firstIndex;
    }

    String name() {
        return name;
    }

    void append(RaftEntry entry) {
        if (offsetOf(entry.index()) != log.endOffset()) {
            throw new IllegalArgumentException("entry does not continue the log: log=" + name + ", index="
                    + entry.index() + ", lastIndex=" + (firstIndex + log.endOffset() - 1));
        }
        byte[] bytes = RaftStoreLayout.bytes(entry);
        UnsafeBuffer record = new UnsafeBuffer(new byte[(int) RecordLayout.length(0, bytes.length, 0)]);
        RecordLayout.putHeader(record, 0, TIMESTAMP_MS, RecordLayout.NULL_LENGTH, bytes.length, 0);
        record.putBytes(RecordLayout.HEADER_LENGTH, bytes);
        batch.clear();
        batch.add(record, 0, record.capacity(), TIMESTAMP_MS);
        batch.finish(log.endOffset());
        isUnflushed = true;
        log.append(batch.buffer(), 0, batch.length());
    }

    void truncateFrom(long index) {
        log.truncate(offsetOf(index));
    }

    /** All from that one on, if there are any. */
    List<RaftEntry> entriesFrom(long index) {
        List<RaftEntry> entries = new ArrayList<>();
        long offset = offsetOf(index);
        try (LogCursor cursor = log.newCursor()) {
            cursor.seek(offset);
            while (cursor.next(log.endOffset())) {
                entries.add(entry(cursor.buffer(), cursor.batchIndex(), offset));
                offset++;
            }
        }
        return entries;
    }

    private RaftEntry entry(DirectBuffer buffer, int batchIndex, long offset) {
        RecordFlyweight record = new RecordFlyweight();
        record.enter(buffer, batchIndex);
        boolean isOne = BatchLayout.baseOffset(buffer, batchIndex) == offset
                && BatchLayout.endOffset(buffer, batchIndex) == offset + 1
                && BatchLayout.recordCount(buffer, batchIndex) == 1
                && BatchLayout.codec(buffer, batchIndex) == BatchLayout.CODEC_NONE
                && record.moveTo(BatchLayout.HEADER_LENGTH) != RecordFlyweight.DAMAGED
                && record.valueLength() != RecordLayout.NULL_LENGTH;
        if (!isOne) {
            throw new CorruptRecordException("not an entry of a cluster: log=" + name + ", offset=" + offset);
        }
        byte[] value = new byte[record.valueLength()];
        record.buffer().getBytes(record.valueIndex(), value);
        return RaftStoreLayout.entry(value, firstIndex + offset);
    }

    private long offsetOf(long index) {
        if (index < firstIndex) {
            throw new IllegalArgumentException(
                    "in front of the log: log=" + name + ", index=" + index + ", firstIndex=" + firstIndex);
        }
        return index - firstIndex;
    }

    void flush() {
        if (isUnflushed) {
            log.flush();
            isUnflushed = false;
        }
    }

    @Override
    public void close() {
        batch.close();
        log.close();
    }
}
