package io.tidemill.testkit;

import io.tidemill.batch.BatchLayout;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * What a broker that does not run any more has stored of a partition.
 *
 * @param checksum of all bytes of all batches, as long as they end at the high watermark or before
 * @param batches how many these are
 * @param endOffset where the last of them ends
 */
record StoredPartition(long checksum, int batches, long endOffset) {
    /** All partitions of a topic. */
    static List<StoredPartition> read(Path directory, String topic, List<Integer> highWatermarks) {
        try (LogStore store = ChronicleLog.at(directory).open(new SetClock(0))) {
            return IntStream.range(0, highWatermarks.size())
                    .mapToObj(partition -> read(store, topic, partition, highWatermarks.get(partition)))
                    .toList();
        }
    }

    private static StoredPartition read(LogStore store, String topic, int partition, long highWatermark) {
        String name = store.logNames().stream()
                .filter(one -> one.startsWith(topic + ".") && one.endsWith("-" + partition))
                .findAny()
                .orElseThrow(() -> new AssertionError(
                        "no log of the partition: partition=" + partition + ", logs=" + store.logNames()));
        try (PartitionLog log = store.openLog(name);
                LogCursor cursor = log.newCursor()) {
            CRC32C checksum = new CRC32C();
            int batches = 0;
            long endOffset = 0;
            while (cursor.next(highWatermark)) {
                byte[] bytes = new byte[BatchLayout.frameLength(cursor.buffer(), cursor.batchIndex())];
                cursor.buffer().getBytes(cursor.batchIndex(), bytes);
                checksum.update(bytes);
                batches++;
                endOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
            }
            return new StoredPartition(checksum.getValue(), batches, endOffset);
        }
    }
}
