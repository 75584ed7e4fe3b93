package io.tidemill.compaction;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.BatchMemory;
import io.tidemill.batch.Crc32c;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.batch.RecordLayout;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.codec.UncompressedBatch;
import io.tidemill.errors.CorruptRecordException;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Takes the batches of some neighbouring runs and passes on what stays of them: each batch without the records that have a
 * successor, without tombstones whose time has come, and not at all if nothing is left. Owned by one thread.
 *
 * <p>What comes out is dense, as what goes in: the offsets that went are counted to the batch behind them, or, where there
 * is none or it must stay as it is, to a batch without a record. So a gap in a file is damage, as ever. Offsets stay with
 * their leader epoch, and of each producer that numbers its records as many last batches stay as are remembered of it, if
 * need be without a record: what else is known of a partition can be read from the headers that are left.
 *
 * <p>A batch that is not plain data stays as it is, byte for byte. One that is compressed is so again when something of it
 * went, by its own codec, and not by that of the topic: so what a pass leaves does not hang on when it ran.
 */
final class BatchRewriter implements AutoCloseable {
    /** Where an error was met; who asked for the pass says of which log. */
    static final String PLACE = "while it was compacted";

    private static final long OFFSETS_PER_BATCH_MAX = 1L << 31;

    private final DirtyPart dirty;
    private final long nowMs;
    private final long newDeleteHorizonMs;
    private final CompactedLog.Rewrite target;

    private final RecordFlyweight record = new RecordFlyweight();
    private final Crc32c crc = new Crc32c();
    private final UncompressedBatch uncompressed = new UncompressedBatch(PLACE);
    private final BatchCompressor compressor = new BatchCompressor();
    private final BatchMemory memory = new BatchMemory();
    private final UnsafeBuffer kept = memory.withRoom(BatchLayout.HEADER_LENGTH);

    /** Where what was passed on ends. */
    private long nextOffset;
    /** Under which everything was written that went since. */
    private int leaderEpoch = BatchLayout.NO_LEADER_EPOCH;

    private boolean changed;
    private long deleteHorizonMs = BatchLayout.NO_DELETE_HORIZON;

    /** Of the current batch: what is kept of it. */
    private int keptLength;

    private int keptCount;
    private boolean keepsTombstone;
    private long minTimestamp;
    private long maxTimestamp;

    BatchRewriter(DirtyPart dirty, long nowMs, long newDeleteHorizonMs, long baseOffset, CompactedLog.Rewrite target) {
        this.dirty = dirty;
        this.nowMs = nowMs;
        this.newDeleteHorizonMs = newDeleteHorizonMs;
        this.nextOffset = baseOffset;
        this.target = target;
    }

    /** Whether its records can be told apart: markers, and what a transaction may have taken back, are left alone. */
    static boolean isPlain(DirectBuffer buffer, int batch) {
        return BatchLayout.type(buffer, batch) == BatchLayout.TYPE_DATA
                && BatchLayout.encoding(buffer, batch) == BatchLayout.ENCODING_FIXED
                && (BatchLayout.flags(buffer, batch) & BatchLayout.FLAG_TRANSACTIONAL) == 0;
    }

    /** Whether anything went, or got a time to go. */
    boolean isChanged() {
        return changed;
    }

    /** The earliest of what was passed on. */
    long deleteHorizonMs() {
        return deleteHorizonMs;
    }

    void onBatch(DirectBuffer buffer, int batch) {
        long baseOffset = BatchLayout.baseOffset(buffer, batch);
        if (BatchLayout.leaderEpoch(buffer, batch) != leaderEpoch) {
            fillUpTo(baseOffset);
            leaderEpoch = BatchLayout.leaderEpoch(buffer, batch);
        }
        if (!isPlain(buffer, batch)) {
            fillUpTo(baseOffset);
            pass(buffer, batch);
            return;
        }
        long firstOffset = mayGrow(buffer, batch) ? nextOffset : baseOffset;
        uncompressed.enter(buffer, batch);
        keepSurvivors(uncompressed.buffer(), uncompressed.index(), firstOffset);
        int count = BatchLayout.recordCount(buffer, batch);
        long formerHorizonMs = BatchLayout.deleteHorizonMs(buffer, batch);
        long horizonMs = keepsTombstone ? horizonMs(buffer, batch) : BatchLayout.NO_DELETE_HORIZON;
        changed |= keptCount < count || horizonMs != formerHorizonMs;
        if (keptCount == 0) {
            if (isRemembered(buffer, batch)) {
                fillUpTo(baseOffset);
                passEmpty(uncompressed.buffer(), uncompressed.index());
            }
            return;
        }
        fillUpTo(firstOffset);
        deleteHorizonMs = Math.min(deleteHorizonMs, horizonMs);
        if (keptCount == count && horizonMs == formerHorizonMs && firstOffset == baseOffset) {
            pass(buffer, batch);
        } else {
            finish(uncompressed.buffer(), uncompressed.index(), firstOffset, horizonMs);
            pass(compressor.compress(kept, uncompressed.type()), 0);
        }
    }

    /** No batch follows. */
    void end(long endOffset) {
        fillUpTo(endOffset);
    }

    /** Whether offsets in front of it may be counted to it. Those of a producer are numbered from its first one. */
    private boolean mayGrow(DirectBuffer buffer, int batch) {
        return BatchLayout.producerId(buffer, batch) == BatchLayout.NO_PRODUCER_ID
                && BatchLayout.endOffset(buffer, batch) - nextOffset <= OFFSETS_PER_BATCH_MAX;
    }

    /** Whether it may be one of the last of a producer that is not forgotten. */
    private boolean isRemembered(DirectBuffer buffer, int batch) {
        return BatchLayout.baseSequence(buffer, batch) != BatchLayout.NO_SEQUENCE
                && !dirty.producers().isExpired(BatchLayout.newestTimestamp(buffer, batch), nowMs)
                && !dirty.producers()
                        .hasForgotten(BatchLayout.producerId(buffer, batch), BatchLayout.baseOffset(buffer, batch));
    }

    /** As it was decided; or else decided now, when nothing is left in front of its tombstones that they hide. */
    private long horizonMs(DirectBuffer buffer, int batch) {
        long formerMs = BatchLayout.deleteHorizonMs(buffer, batch);
        return BatchLayout.endOffset(buffer, batch) <= dirty.endOffset()
                ? Math.min(formerMs, newDeleteHorizonMs)
                : formerMs;
    }

    private void keepSurvivors(DirectBuffer buffer, int batch, long firstOffset) {
        memory.withRoom(BatchLayout.frameLength(buffer, batch));
        keptLength = BatchLayout.HEADER_LENGTH;
        keptCount = 0;
        keepsTombstone = false;
        minTimestamp = Long.MAX_VALUE;
        maxTimestamp = Long.MIN_VALUE;
        boolean mayTombstonesGo = BatchLayout.deleteHorizonMs(buffer, batch) <= nowMs;
        record.enter(buffer, batch);
        int end = BatchLayout.frameLength(buffer, batch);
        int next = BatchLayout.HEADER_LENGTH;
        while (next < end) {
            int behind = record.moveTo(next);
            if (behind == RecordFlyweight.DAMAGED) {
                throw new CorruptRecordException("record reaches beyond itself: baseOffset="
                        + BatchLayout.baseOffset(buffer, batch) + ", index=" + next);
            }
            boolean hasKey = record.keyLength() != RecordLayout.NULL_LENGTH;
            boolean isTombstone = hasKey && record.valueLength() == RecordLayout.NULL_LENGTH;
            if (!hasKey || (isLastOfItsKey() && !(isTombstone && mayTombstonesGo))) {
                keep(buffer, batch + next, behind - next, firstOffset);
                keepsTombstone |= isTombstone;
            }
            next = behind;
        }
    }

    private boolean isLastOfItsKey() {
        return record.offset() >= dirty.lastOffsets().get(record.buffer(), record.keyIndex(), record.keyLength());
    }

    private void keep(DirectBuffer buffer, int index, int length, long firstOffset) {
        kept.putBytes(keptLength, buffer, index, length);
        kept.putInt(keptLength + RecordLayout.OFFSET_DELTA, (int) (record.offset() - firstOffset), LITTLE_ENDIAN);
        keptLength += length;
        keptCount++;
        minTimestamp = Math.min(minTimestamp, record.timestamp());
        maxTimestamp = Math.max(maxTimestamp, record.timestamp());
    }

    private void finish(DirectBuffer buffer, int batch, long firstOffset, long horizonMs) {
        boolean hasHorizon = horizonMs != BatchLayout.NO_DELETE_HORIZON;
        int flags = BatchLayout.flags(buffer, batch) & ~BatchLayout.FLAG_DELETE_HORIZON;
        kept.putBytes(0, buffer, batch, BatchLayout.HEADER_LENGTH);
        kept.putByte(BatchLayout.FLAGS, (byte) (hasHorizon ? flags | BatchLayout.FLAG_DELETE_HORIZON : flags));
        kept.putInt(BatchLayout.RECORD_COUNT, keptCount, LITTLE_ENDIAN);
        kept.putLong(BatchLayout.BASE_TIMESTAMP, hasHorizon ? horizonMs : minTimestamp, LITTLE_ENDIAN);
        kept.putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp, LITTLE_ENDIAN);
        seal(keptLength, firstOffset, BatchLayout.endOffset(buffer, batch));
    }

    /** Its header alone. */
    private void passEmpty(DirectBuffer buffer, int batch) {
        kept.putBytes(0, buffer, batch, BatchLayout.HEADER_LENGTH);
        kept.putByte(BatchLayout.FLAGS, (byte) (BatchLayout.flags(buffer, batch) & ~BatchLayout.FLAG_DELETE_HORIZON));
        kept.putInt(BatchLayout.RECORD_COUNT, 0, LITTLE_ENDIAN);
        kept.putLong(BatchLayout.BASE_TIMESTAMP, BatchLayout.newestTimestamp(buffer, batch), LITTLE_ENDIAN);
        kept.putLong(BatchLayout.MAX_TIMESTAMP, BatchLayout.NO_TIMESTAMP, LITTLE_ENDIAN);
        seal(BatchLayout.HEADER_LENGTH, BatchLayout.baseOffset(buffer, batch), BatchLayout.endOffset(buffer, batch));
        pass(kept, 0);
    }

    /** What went and is counted to no other batch. */
    private void fillUpTo(long offset) {
        while (nextOffset < offset) {
            kept.setMemory(0, BatchLayout.HEADER_LENGTH, (byte) 0);
            kept.putLong(BatchLayout.BASE_TIMESTAMP, BatchLayout.NO_TIMESTAMP, LITTLE_ENDIAN);
            kept.putLong(BatchLayout.MAX_TIMESTAMP, BatchLayout.NO_TIMESTAMP, LITTLE_ENDIAN);
            kept.putLong(BatchLayout.PRODUCER_ID, BatchLayout.NO_PRODUCER_ID, LITTLE_ENDIAN);
            kept.putShort(BatchLayout.PRODUCER_EPOCH, BatchLayout.NO_PRODUCER_EPOCH, LITTLE_ENDIAN);
            kept.putByte(BatchLayout.TYPE, BatchLayout.TYPE_DATA);
            kept.putInt(BatchLayout.BASE_SEQUENCE, BatchLayout.NO_SEQUENCE, LITTLE_ENDIAN);
            kept.putInt(BatchLayout.LEADER_EPOCH, leaderEpoch, LITTLE_ENDIAN);
            seal(BatchLayout.HEADER_LENGTH, nextOffset, Math.min(offset, nextOffset + OFFSETS_PER_BATCH_MAX));
            pass(kept, 0);
        }
    }

    private void seal(int length, long baseOffset, long endOffset) {
        kept.putInt(BatchLayout.FRAME_LENGTH, length, LITTLE_ENDIAN);
        kept.putLong(BatchLayout.BASE_OFFSET, baseOffset, LITTLE_ENDIAN);
        kept.putInt(BatchLayout.LAST_OFFSET_DELTA, (int) (endOffset - 1 - baseOffset), LITTLE_ENDIAN);
        kept.putInt(BatchLayout.CRC32C, crc.compute(kept, 0), LITTLE_ENDIAN);
    }

    private void pass(DirectBuffer buffer, int batch) {
        target.append(buffer, batch, BatchLayout.frameLength(buffer, batch));
        nextOffset = BatchLayout.endOffset(buffer, batch);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(uncompressed, compressor);
    }
}
