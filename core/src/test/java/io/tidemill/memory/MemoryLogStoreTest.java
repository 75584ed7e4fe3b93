package io.tidemill.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.runtime.SystemClock;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStoreContract;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Storage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class MemoryLogStoreTest extends LogStoreContract {
    @Override
    protected Storage newStorage() {
        return new MemoryStorage();
    }

    /** More than the contract asks for: the limit is no publication here, the log's own end offset is. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aReaderWithoutALimitSeesWholeBatchesOnly() throws Exception {
        int recordCount = 100_000;
        DirectBuffer[] batches = new DirectBuffer[recordCount];
        for (int offset = 0; offset < recordCount; offset++) {
            batches[offset] = Batches.numbered(offset, 1);
        }
        PartitionLog log = newStorage().open(SystemClock.INSTANCE).openLog("log");

        CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> readNumbered(log, recordCount));
        for (DirectBuffer batch : batches) {
            log.append(batch, 0, batch.capacity());
        }

        assertEquals(recordCount, reader.get(30, TimeUnit.SECONDS));
    }

    private static long readNumbered(PartitionLog log, long recordCount) {
        Crc32c crc = new Crc32c();
        long nextOffset = 0;
        try (LogCursor cursor = log.newCursor()) {
            while (nextOffset < recordCount) {
                if (cursor.next(Long.MAX_VALUE)) {
                    assertEquals(nextOffset, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
                    Batches.checkNumbered(crc, cursor.buffer(), cursor.batchIndex());
                    nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
                }
            }
        }
        return nextOffset;
    }
}
