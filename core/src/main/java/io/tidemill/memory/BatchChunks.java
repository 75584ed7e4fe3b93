package io.tidemill.memory;

import io.tidemill.batch.BatchLayout;
import io.tidemill.compaction.Compaction;
import io.tidemill.compaction.SealedRun;
import io.tidemill.spi.LogSettings;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one log, one behind the other in a row of chunks. A batch never straddles two chunks, so a reader can
 * be given a view of it; a chunk never moves and is never written twice, so the view stays good for as long as it is
 * referenced. Chunks start small, because most logs of a test stay small, and double up to a limit.
 *
 * <p>All but the last chunk are sealed, as files are. Compaction, on a thread of its own, puts other chunks in their place,
 * which hold what is left of the same offsets; a lock is held while the row of chunks changes, and by nobody else.
 *
 * <p>One thread appends; any thread reads beside it, without a lock. What makes that safe is one word, the end offset:
 *
 * <ul>
 *   <li>The writer copies a batch in first and then releases the new end offset. Whoever acquires an end offset sees
 *       every byte of every batch below it. A reader looks at nothing else: it asks only for offsets below an end offset
 *       that it has acquired.
 *   <li>Bytes that no batch has taken are zero. The frame length of a visible batch is never zero, so "zero where the
 *       next batch would be" means to a reader, which knows that there is a next batch, that it lies in the next chunk:
 *       the writer left this chunk before it appended that batch, and will not come back.
 *   <li>The array of chunks is replaced, not changed, and is volatile for one case: a reader that acquired an old end
 *       offset may meet a newer array, and must find it filled. The chunks in it that it does not know begin at or above
 *       the end offset that it acquired, hence above the offset that it looks for, and the search passes them by.
 * </ul>
 */
final class BatchChunks {
    private static final int FIRST_CHUNK_BYTES = 16 * 1024;
    private static final int CHUNK_BYTES_MAX = 4 * 1024 * 1024;
    /** Taken off every chunk: an array that is just larger than a power of two wastes most of its last region in G1. */
    private static final int ARRAY_HEADER_BYTES = 24;

    private static final VarHandle END_OFFSET;

    static {
        try {
            END_OFFSET = MethodHandles.lookup().findVarHandle(BatchChunks.class, "endOffset", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A run of batches; the first of them begins at index 0 and has this offset. */
    static final class Chunk {
        private static final int OPEN = -1;

        private final long baseOffset;
        private final UnsafeBuffer buffer;
        /** How much of the buffer is taken; {@link #OPEN} while it is appended to. Changes while the row of chunks does. */
        private int usedBytes;
        /** What compaction wants to know; looked at once, by its thread, when nobody appends to it any more. */
        private @Nullable SealedRun run;

        private Chunk(long baseOffset, UnsafeBuffer buffer, int usedBytes) {
            this.baseOffset = baseOffset;
            this.buffer = buffer;
            this.usedBytes = usedBytes;
        }

        /** Nothing is appended to it. */
        static Chunk full(long baseOffset, UnsafeBuffer buffer) {
            return new Chunk(baseOffset, buffer, buffer.capacity());
        }

        UnsafeBuffer buffer() {
            return buffer;
        }

        private SealedRun sealedAt(long endOffset) {
            SealedRun known = run;
            if (known == null) {
                long horizonMs = BatchLayout.NO_DELETE_HORIZON;
                for (int index = 0; hasBatchAt(index); index += BatchLayout.frameLength(buffer, index)) {
                    horizonMs = Math.min(horizonMs, BatchLayout.deleteHorizonMs(buffer, index));
                }
                known = new SealedRun(baseOffset, endOffset, usedBytes, maxTimestamp(), horizonMs);
                run = known;
            }
            return known;
        }

        boolean hasBatchAt(int index) {
            return index + BatchLayout.HEADER_LENGTH <= buffer.capacity()
                    && BatchLayout.frameLength(buffer, index) != 0;
        }

        /**
         * Where the batch lies that holds an offset; it must be one of this chunk. Walks, since seeks are rare and an
         * index would cost every append: 1 µs was measured with 100 records per batch, 90 µs with one.
         */
        int indexOf(long offset) {
            int index = 0;
            while (BatchLayout.endOffset(buffer, index) <= offset) {
                index += BatchLayout.frameLength(buffer, index);
            }
            return index;
        }

        private void seal(int length) {
            if (usedBytes == OPEN) {
                usedBytes = length;
            }
        }

        long maxTimestamp() {
            long max = Long.MIN_VALUE;
            for (int index = 0; hasBatchAt(index); index += BatchLayout.frameLength(buffer, index)) {
                max = Math.max(max, BatchLayout.maxTimestamp(buffer, index));
            }
            return max;
        }
    }

    /** Held while the row of chunks changes. */
    private final ReentrantLock changing = new ReentrantLock();
    /** Held by the one who compacts. */
    private final ReentrantLock compacting = new ReentrantLock();

    private volatile Chunk[] chunks = {};
    private long endOffset;
    private volatile long startOffset;
    private volatile LogSettings settings = LogSettings.defaults();
    /** Writer's: where the next batch goes in the last chunk. */
    private int appendIndex;

    private volatile int truncations;
    private volatile long compactedOffset;

    /** Any thread. */
    void configure(LogSettings newSettings) {
        settings = newSettings;
    }

    /** Of the first batch that is there. Any thread. */
    long startOffset() {
        return startOffset;
    }

    long endOffsetAcquire() {
        return (long) END_OFFSET.getAcquire(this);
    }

    /** Writer's thread. The batch must begin at the end offset. */
    void append(DirectBuffer source, int index, int length) {
        Chunk chunk = chunkWithRoomFor(length);
        chunk.buffer.putBytes(appendIndex, source, index, length);
        appendIndex += length;
        END_OFFSET.setRelease(this, BatchLayout.endOffset(source, index));
    }

    /** Writer's thread. What a chunk keeps stays where it is, and the rest of it is never written again. */
    void truncate(long toOffset) {
        if (toOffset >= endOffset) {
            return;
        }
        changing.lock();
        try {
            Chunk cut = Objects.requireNonNull(chunkOf(toOffset, endOffset));
            int index = cut.indexOf(toOffset);
            long newEndOffset = BatchLayout.baseOffset(cut.buffer, index);
            List<Chunk> kept = new ArrayList<>();
            for (Chunk chunk : chunks) {
                if (chunk.baseOffset < cut.baseOffset) {
                    kept.add(chunk);
                }
            }
            if (index > 0) {
                kept.add(Chunk.full(cut.baseOffset, new UnsafeBuffer(cut.buffer, 0, index)));
            }
            // Whatever room is left in the last one: somebody may look at what lay there.
            appendIndex = kept.isEmpty() ? 0 : kept.get(kept.size() - 1).buffer.capacity();
            chunks = kept.toArray(Chunk[]::new);
            compactedOffset = Math.min(compactedOffset, newEndOffset);
            END_OFFSET.setRelease(this, newEndOffset);
            truncations = truncations + 1;
        } finally {
            changing.unlock();
        }
    }

    /** Writer's thread. As deleting all, and then going on elsewhere. */
    void beginAt(long offset) {
        changing.lock();
        try {
            // First, so that who finds a chunk missing finds the start moved.
            startOffset = offset;
            chunks = new Chunk[0];
            appendIndex = 0;
            compactedOffset = Math.min(compactedOffset, offset);
            END_OFFSET.setRelease(this, offset);
            truncations = truncations + 1;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Writer's thread. A chunk stands for a file; the last one goes only when all of it is too old. Answers how many bytes
     * went.
     */
    long deleteOld(long nowMs) {
        changing.lock();
        try {
            Chunk[] present = chunks;
            int count = oldCount(present, nowMs);
            long before = usedBytes(present);
            if (count > 0) {
                // First, so that who finds a chunk missing finds the start moved.
                startOffset = count == present.length ? endOffset : present[count].baseOffset;
                chunks = Arrays.copyOfRange(present, count, present.length);
            }
            return before - usedBytes(chunks);
        } finally {
            changing.unlock();
        }
    }

    /** What the batches take. Any thread; beside a writer it is what was there a moment ago. */
    long bytes() {
        changing.lock();
        try {
            return usedBytes(chunks);
        } finally {
            changing.unlock();
        }
    }

    private long usedBytes(Chunk[] present) {
        long bytes = 0;
        for (Chunk chunk : present) {
            bytes += usedBytes(chunk);
        }
        return bytes;
    }

    private int oldCount(Chunk[] present, long nowMs) {
        long bytes = usedBytes(present);
        int count = 0;
        while (count < present.length) {
            Chunk oldest = present[count];
            bytes -= usedBytes(oldest);
            boolean isLast = count == present.length - 1;
            if (!settings.isTooOld(oldest.maxTimestamp(), nowMs) && (isLast || !settings.isEnough(bytes))) {
                break;
            }
            count++;
        }
        return count;
    }

    private int usedBytes(Chunk chunk) {
        return chunk.usedBytes == Chunk.OPEN ? appendIndex : chunk.usedBytes;
    }

    /** As {@link io.tidemill.spi.PartitionLog#compact}. */
    boolean compact(MemoryLog log, long nowMs, long limitOffset, BooleanSupplier isStopped) {
        compacting.lock();
        try {
            LogSettings current = settings;
            long runBytesMax = Math.min(current.segmentBytes(), CHUNK_BYTES_MAX);
            ChunkCompaction chunkCompaction = new ChunkCompaction(log, this);
            return new Compaction(chunkCompaction, current.cleanup(), runBytesMax, nowMs, isStopped).run(limitOffset);
        } finally {
            compacting.unlock();
        }
    }

    /** All but the last chunk. */
    List<SealedRun> sealedRuns() {
        // Sealed before the row that shows a chunk behind it.
        Chunk[] snapshot = chunks;
        List<SealedRun> runs = new ArrayList<>();
        for (int i = 0; i < snapshot.length - 1; i++) {
            runs.add(snapshot[i].sealedAt(snapshot[i + 1].baseOffset));
        }
        return runs;
    }

    long compactedOffset() {
        return compactedOffset;
    }

    /** False when it was truncated since, or the chunks between these offsets are not there any more. */
    boolean replace(long fromOffset, long toOffset, int truncationsBefore, Chunk chunk) {
        changing.lock();
        try {
            Chunk[] present = chunks;
            int first = 0;
            while (first < present.length && present[first].baseOffset != fromOffset) {
                first++;
            }
            if (truncations != truncationsBefore || first == present.length) {
                return false;
            }
            List<Chunk> replaced = new ArrayList<>(Arrays.asList(present).subList(0, first));
            replaced.add(chunk);
            for (int i = first + 1; i < present.length; i++) {
                if (present[i].baseOffset >= toOffset) {
                    replaced.add(present[i]);
                }
            }
            chunks = replaced.toArray(Chunk[]::new);
            return true;
        } finally {
            changing.unlock();
        }
    }

    void compactedUpTo(long offset, int truncationsBefore) {
        changing.lock();
        try {
            if (truncations == truncationsBefore) {
                compactedOffset = offset;
            }
        } finally {
            changing.unlock();
        }
    }

    /** How often; a chunk that was found before may be one that is forgotten. */
    int truncations() {
        return truncations;
    }

    /**
     * The chunk that holds an offset, or the next one there is; the offset must lie below an end offset that the caller
     * acquired. Null when it was deleted with all others: a chunk that begins at that end may have nothing in it yet. Any thread.
     */
    @Nullable
    Chunk chunkOf(long offset, long acquiredEndOffset) {
        Chunk[] snapshot = chunks;
        if (snapshot.length == 0) {
            return null;
        }
        int low = 0;
        int high = snapshot.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (snapshot[middle].baseOffset <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return snapshot[low].baseOffset < acquiredEndOffset ? snapshot[low] : null;
    }

    private Chunk chunkWithRoomFor(int length) {
        Chunk[] present = chunks;
        int count = present.length;
        if (count > 0 && length <= present[count - 1].buffer.capacity() - appendIndex) {
            return present[count - 1];
        }
        // The count is clamped to keep the shift within a long; the limit is reached long before.
        long size = Math.min((long) FIRST_CHUNK_BYTES << Math.min(count, Integer.SIZE), CHUNK_BYTES_MAX);
        size = Math.max(ARRAY_HEADER_BYTES, Math.min(size, settings.segmentBytes()));
        int capacity = Math.max((int) size - ARRAY_HEADER_BYTES, length);
        Chunk added = new Chunk(endOffset, new UnsafeBuffer(new byte[capacity]), Chunk.OPEN);
        add(added);
        appendIndex = 0;
        return added;
    }

    private void add(Chunk chunk) {
        changing.lock();
        try {
            Chunk[] present = chunks;
            if (present.length > 0) {
                present[present.length - 1].seal(appendIndex);
            }
            Chunk[] grown = Arrays.copyOf(present, present.length + 1);
            grown[present.length] = chunk;
            chunks = grown;
        } finally {
            changing.unlock();
        }
    }
}
