package io.tidemill.compaction;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.batch.RecordLayout;
import io.tidemill.codec.UncompressedBatch;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/**
 * One pass over a log that keeps the last record of each key. First the part that was not compacted yet is read, and the
 * last offset of each key in it is remembered; then the whole log, up to there, is written anew, a few neighbouring runs at
 * a time, without the records that a remembered one follows.
 *
 * <p>Runs are replaced from the first to the last. So whatever ends a pass before its time, a crash, a full disk, a log
 * that was truncated: no record went whose successor is not there, and no tombstone was given a time to go before
 * everything in front of it had gone. The next pass begins again.
 */
public final class Compaction {
    /** Bounds what has to be begun again when a pass ends before its time. */
    private static final int RUNS_TOGETHER_MAX = 16;

    private static final int GIVEN_UP = -1;

    private final CompactedLog log;
    private final CleanupSettings settings;
    private final long runBytesMax;
    private final long nowMs;
    private final BooleanSupplier isStopped;

    /**
     * @param runBytesMax neighbours become one run as long as that takes no more
     * @param isStopped asked between batches; ends the pass
     */
    public Compaction(
            CompactedLog log, CleanupSettings settings, long runBytesMax, long nowMs, BooleanSupplier isStopped) {
        this.log = log;
        this.settings = settings;
        // Runs are deleted as a whole: beside a younger one, an old record would never be old enough.
        this.runBytesMax = settings.policy().deletes() ? 0 : runBytesMax;
        this.nowMs = nowMs;
        this.isStopped = isStopped;
    }

    /**
     * Runs a pass if the policy compacts and one is due.
     *
     * @param limitOffset nothing at it or above takes part
     * @return whether the next one should follow at once, because the keys were too many for this one
     */
    public boolean run(long limitOffset) {
        if (!settings.policy().compacts()) {
            return false;
        }
        long compactedOffset = log.compactedOffset();
        List<SealedRun> runs = cleanable(limitOffset, compactedOffset);
        boolean isDirty = isDirtyEnough(runs, compactedOffset);
        if (runs.isEmpty() || !(isDirty || runs.stream().anyMatch(this::hasDueTombstone))) {
            return false;
        }
        long endOffset = runs.get(runs.size() - 1).endOffset();
        try (LogCursor cursor = log.newCursor()) {
            return isDirty
                    ? compact(runs, Math.max(compactedOffset, runs.get(0).baseOffset()), endOffset, cursor)
                    : dropTombstones(runs, compactedOffset, cursor);
        } catch (OffsetOutOfRangeException e) {
            // What is old was deleted meanwhile.
            return false;
        }
    }

    /** What was compacted before, and behind it what is old enough. */
    private List<SealedRun> cleanable(long limitOffset, long compactedOffset) {
        List<SealedRun> runs = new ArrayList<>();
        for (SealedRun run : log.sealedRuns()) {
            boolean isTooYoung = run.endOffset() > compactedOffset
                    && settings.minCompactionLagMs() > 0
                    && nowMs - run.maxTimestamp() < settings.minCompactionLagMs();
            if (run.endOffset() > limitOffset || isTooYoung) {
                break;
            }
            runs.add(run);
        }
        return runs;
    }

    private boolean isDirtyEnough(List<SealedRun> runs, long compactedOffset) {
        long bytes = 0;
        long dirtyBytes = 0;
        for (SealedRun run : runs) {
            bytes += run.bytes();
            dirtyBytes += run.endOffset() > compactedOffset ? run.bytes() : 0;
        }
        return dirtyBytes > 0 && dirtyBytes >= settings.minCleanableDirtyRatio() * bytes;
    }

    private boolean hasDueTombstone(SealedRun run) {
        return run.deleteHorizonMs() <= nowMs;
    }

    private boolean compact(List<SealedRun> runs, long dirtyOffset, long endOffset, LogCursor cursor) {
        DirtyPart dirty = map(dirtyOffset, endOffset, cursor);
        long mappedOffset = dirty.endOffset();
        int next = 0;
        while (next < runs.size() && runs.get(next).baseOffset() < mappedOffset) {
            int count = rewrite(runs.subList(next, runs.size()), runBytesMax, dirty, cursor);
            if (count == GIVEN_UP) {
                return false;
            }
            next += count;
        }
        log.compactedUpTo(mappedOffset);
        return mappedOffset > dirtyOffset && mappedOffset < endOffset && !isStopped.getAsBoolean();
    }

    private boolean dropTombstones(List<SealedRun> runs, long compactedOffset, LogCursor cursor) {
        DirtyPart none = new DirtyPart(new OffsetMap(0), new ProducerStates(), compactedOffset);
        for (SealedRun run : runs) {
            if (hasDueTombstone(run) && rewrite(List.of(run), 0, none, cursor) == GIVEN_UP) {
                return false;
            }
        }
        return false;
    }

    /** Reads from one offset towards another, as far as there is room for the keys. */
    private DirtyPart map(long dirtyOffset, long endOffset, LogCursor cursor) {
        OffsetMap lastOffsets = new OffsetMap(endOffset - dirtyOffset);
        ProducerStates producers = new ProducerStates();
        RecordFlyweight record = new RecordFlyweight();
        long nextOffset = dirtyOffset;
        cursor.seek(dirtyOffset);
        try (UncompressedBatch uncompressed = new UncompressedBatch(BatchRewriter.PLACE)) {
            while (nextOffset < endOffset && !isStopped.getAsBoolean() && cursor.next(endOffset)) {
                DirectBuffer buffer = cursor.buffer();
                int batch = cursor.batchIndex();
                if (BatchRewriter.isPlain(buffer, batch)) {
                    if (!lastOffsets.hasRoomFor(BatchLayout.recordCount(buffer, batch))) {
                        break;
                    }
                    uncompressed.enter(buffer, batch);
                    map(lastOffsets, record, uncompressed.buffer(), uncompressed.index());
                }
                producers.onAppended(buffer, batch, nowMs);
                nextOffset = BatchLayout.endOffset(buffer, batch);
            }
        }
        return new DirtyPart(lastOffsets, producers, nextOffset);
    }

    private static void map(OffsetMap lastOffsets, RecordFlyweight record, DirectBuffer buffer, int batch) {
        record.enter(buffer, batch);
        int end = BatchLayout.frameLength(buffer, batch);
        int next = BatchLayout.HEADER_LENGTH;
        while (next < end) {
            next = record.moveTo(next);
            if (next == RecordFlyweight.DAMAGED) {
                throw new CorruptRecordException(
                        "record reaches beyond itself: baseOffset=" + BatchLayout.baseOffset(buffer, batch));
            }
            if (record.keyLength() != RecordLayout.NULL_LENGTH) {
                lastOffsets.put(record.buffer(), record.keyIndex(), record.keyLength(), record.offset());
            }
        }
    }

    /**
     * Writes the first of these runs anew, and those behind it together with it as long as what is left of them is little.
     *
     * @return how many, or {@link #GIVEN_UP} when the pass has to end: it was stopped, or the log is not as it was
     */
    private int rewrite(List<SealedRun> runs, long bytesMax, DirtyPart dirty, LogCursor cursor) {
        long baseOffset = runs.get(0).baseOffset();
        long newHorizonMs = nowMs + settings.deleteRetentionMs();
        try (CompactedLog.Rewrite target = log.rewrite(baseOffset);
                BatchRewriter rewriter = new BatchRewriter(dirty, nowMs, newHorizonMs, baseOffset, target)) {
            cursor.seek(baseOffset);
            int count = 0;
            long endOffset;
            do {
                endOffset = runs.get(count).endOffset();
                if (!rewrite(runs.get(count), rewriter, cursor)) {
                    return GIVEN_UP;
                }
                count++;
            } while (count < Math.min(runs.size(), RUNS_TOGETHER_MAX)
                    && runs.get(count).baseOffset() < dirty.endOffset()
                    && target.bytes() + runs.get(count).bytes() <= bytesMax);
            rewriter.end(endOffset);
            // A tombstone that was due may have been truncated: then the run is to forget that it was.
            boolean isWorthIt = rewriter.isChanged() || count > 1 || hasDueTombstone(runs.get(0));
            return !isWorthIt || target.replaceRuns(endOffset, rewriter.deleteHorizonMs()) ? count : GIVEN_UP;
        }
    }

    private boolean rewrite(SealedRun run, BatchRewriter rewriter, LogCursor cursor) {
        long nextOffset = run.baseOffset();
        while (nextOffset < run.endOffset()) {
            if (isStopped.getAsBoolean()
                    || !cursor.next(run.endOffset())
                    || BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()) != nextOffset) {
                return false;
            }
            rewriter.onBatch(cursor.buffer(), cursor.batchIndex());
            nextOffset = BatchLayout.endOffset(cursor.buffer(), cursor.batchIndex());
        }
        return true;
    }
}
