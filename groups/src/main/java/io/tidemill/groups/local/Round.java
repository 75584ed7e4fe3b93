package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Questions that were answered together, and what that appends. Owned as the {@link GroupTable} is. */
final class Round {
    private final List<Decided> decided;
    private final List<ProducerRecord<byte[], byte[]>> records;
    private final long baseOffset;
    private final CompletableFuture<?> written;
    private int found;

    /** @param baseOffset of the first record, if it is written */
    Round(
            List<Decided> decided,
            List<ProducerRecord<byte[], byte[]>> records,
            long baseOffset,
            CompletableFuture<?> written) {
        this.decided = decided;
        this.records = records;
        this.baseOffset = baseOffset;
        this.written = written;
    }

    List<Decided> decided() {
        return decided;
    }

    int recordCount() {
        return records.size();
    }

    CompletableFuture<?> written() {
        return written;
    }

    /** That is what the log has there. */
    void onFound(long offset, byte[] key, byte @Nullable [] value) {
        long index = offset - baseOffset;
        if (index >= 0 && index < records.size()) {
            ProducerRecord<byte[], byte[]> record = records.get((int) index);
            found += Arrays.equals(record.key(), key) && Arrays.equals(record.value(), value) ? 1 : 0;
        }
    }

    /** Whether all of it was found. */
    boolean isFound() {
        return found == records.size();
    }

    /** Whether the log goes on behind where it would begin. */
    boolean isDecided(long readEnd) {
        return readEnd > baseOffset;
    }
}
