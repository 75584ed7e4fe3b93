package io.tidemill.log;

import io.tidemill.Header;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Is led over a log by {@link ChronicleLog#dump}, on the thread that called it, in the order of the offsets. */
@FunctionalInterface
public interface DumpVisitor {
    /** How to go on. */
    enum Next {
        /** With the next batch. */
        BATCH,
        /** With the records of this batch; those that are below the offset asked for are left out. */
        RECORDS,
        /** Not at all. */
        STOP
    }

    /**
     * The header of a batch, as it is stored, and where that is.
     *
     * @param file holds it
     * @param position where in the file its entry begins
     * @param baseOffset of its first record
     * @param lastOffset of its last record, counting those that compaction took away
     * @param recordCount how many records it holds
     * @param baseTimestamp of its first record
     * @param maxTimestamp of its newest record
     * @param type 1: data, 2: commit of a transaction, 3: abort of one
     * @param flags bit 0: transactional, bit 1: stamped when it was appended
     * @param codec how the records are compressed; 0: not, 1: gzip, 3: lz4, 4: zstd
     * @param encoding how the records are laid out; 0: Tidemill's own way
     * @param producerId −1 when there is none
     * @param producerEpoch −1 when there is none
     * @param baseSequence −1 when there is none
     * @param leaderEpoch −1 when there is none
     * @param bytes how long it is as it is stored, this header included
     * @param isWhole whether its checksum is right; otherwise nothing here is certain, and it gives no records
     */
    record Batch(
            Path file,
            long position,
            long baseOffset,
            long lastOffset,
            int recordCount,
            long baseTimestamp,
            long maxTimestamp,
            int type,
            int flags,
            int codec,
            int encoding,
            long producerId,
            int producerEpoch,
            int baseSequence,
            int leaderEpoch,
            int bytes,
            boolean isWhole) {}

    /**
     * A record, copied.
     *
     * @param offset its place in the log
     * @param timestamp the producer's, or else when it was appended
     * @param key may be null
     * @param value may be null
     * @param headers in order; keys may repeat
     */
    record Entry(long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {}

    /**
     * A batch, whole or not.
     *
     * @param batch its header
     * @return how to go on
     */
    Next onBatch(Batch batch);

    /**
     * A record of the batch before.
     *
     * @param entry the record
     * @return how to go on; {@link Next#RECORDS} for the next record
     */
    default Next onRecord(Entry entry) {
        return Next.RECORDS;
    }

    /**
     * A place where not even the header of a batch can be read, or a record in a batch that is whole.
     *
     * @param finding where, and which offsets are concerned
     */
    default void onDamage(Verification.Finding finding) {}
}
