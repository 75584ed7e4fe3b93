package io.tidemill.benchmarks;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.batch.RecordLayout;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A durable log without a broker around it. Its batches are made as a lane makes them: records that lie in a ring are taken
 * out of it, stamped, and get a checksum. Their headers were put there by a producer; the values are written anew each time,
 * as into a raw file. Another thread maintains the log, as a broker's does.
 */
final class OneLog implements AutoCloseable {
    private static final String NAME = "records";
    private static final long TIMESTAMP = 1_700_000_000_000L;
    static final int RECORD_LENGTH = Math.toIntExact(RecordLayout.length(RecordLayout.NULL_LENGTH, Payload.LENGTH, 0));

    private final ScratchDirectory directory = new ScratchDirectory();
    private final int batchRecords;
    private final UnsafeBuffer ring;
    private final BatchBuilder builder;
    private LogStore store;
    private volatile @Nullable Thread maintaining;
    private PartitionLog log;

    OneLog(int batchRecords) {
        this.batchRecords = batchRecords;
        // First: opening makes sure of what Agrona and Chronicle need from the JVM.
        openStore();
        this.ring = new UnsafeBuffer(ByteBuffer.allocateDirect(batchRecords * RECORD_LENGTH));
        for (int i = 0; i < batchRecords; i++) {
            RecordLayout.putHeader(
                    ring, i * RECORD_LENGTH, RecordLayout.NO_TIMESTAMP, RecordLayout.NULL_LENGTH, Payload.LENGTH, 0);
        }
        this.builder = new BatchBuilder();
    }

    private void openStore() {
        store = ChronicleLog.at(directory.path()).open(Seams.system().clock());
        log = store.openLog(NAME, LogSettings.defaults().withRetentionMs(LogSettings.UNLIMITED));
        PartitionLog opened = log;
        Thread thread = new Thread(() -> maintain(opened), "maintenance");
        thread.setDaemon(true);
        maintaining = thread;
        log.maintainedBy(() -> LockSupport.unpark(thread));
        thread.start();
    }

    private void maintain(PartitionLog opened) {
        while (maintaining == Thread.currentThread()) {
            if (!opened.maintain()) {
                LockSupport.park(opened);
            }
        }
    }

    private void closeStore() {
        Thread thread = maintaining;
        maintaining = null;
        LockSupport.unpark(thread);
        store.close();
    }

    PartitionLog log() {
        return log;
    }

    /** So many more records, each with its offset as its number. */
    long append(int count) {
        int remaining = count;
        while (remaining > 0) {
            int records = Math.min(remaining, batchRecords);
            long firstNumber = log.endOffset();
            for (int i = 0; i < records; i++) {
                Payload.encode(ring, RecordLayout.keyIndex(i * RECORD_LENGTH), firstNumber + i);
            }
            builder.add(ring, 0, records * RECORD_LENGTH, TIMESTAMP);
            builder.finish(firstNumber);
            log.append(builder.buffer(), 0, builder.length());
            builder.clear();
            remaining -= records;
        }
        return log.endOffset();
    }

    /** All records from the cursor's place to the end, batch by batch. Tells how many. */
    static long readBatches(LogCursor cursor, long endOffset) {
        long count = 0;
        while (cursor.next(endOffset)) {
            count += BatchLayout.recordCount(cursor.buffer(), cursor.batchIndex());
        }
        return count;
    }

    /** The number that the record at an offset holds. */
    static long readNumber(LogCursor cursor, RecordFlyweight view, long offset) {
        cursor.seek(offset);
        if (!cursor.next(Long.MAX_VALUE)) {
            throw new IllegalStateException("no such record: offset=" + offset);
        }
        view.enter(cursor.buffer(), cursor.batchIndex());
        int next = BatchLayout.HEADER_LENGTH;
        do {
            next = view.moveTo(next);
        } while (view.offset() < offset);
        return view.buffer().getLong(view.valueIndex());
    }

    /** Every record is there, and is the one that was appended. */
    void check() {
        Sum sum = new Sum();
        RecordFlyweight view = new RecordFlyweight();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                view.enter(cursor.buffer(), cursor.batchIndex());
                int end = BatchLayout.frameLength(cursor.buffer(), cursor.batchIndex());
                for (int next = BatchLayout.HEADER_LENGTH; next < end; ) {
                    next = view.moveTo(next);
                    sum.add(view.buffer(), view.valueIndex(), view.valueLength());
                }
            }
        }
        sum.check(0, log.endOffset());
    }

    void reopen() {
        closeStore();
        openStore();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(this::closeStore, directory);
    }
}
