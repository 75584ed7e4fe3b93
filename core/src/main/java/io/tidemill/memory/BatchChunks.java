package io.tidemill.memory;

import io.tidemill.batch.BatchLayout;
import io.tidemill.spi.LogSettings;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one log, one behind the other in a row of chunks. A batch never straddles two chunks, so a reader can
 * be given a view of it; a chunk never moves and is never written twice, so the view stays good for as long as it is
 * referenced. Chunks start small, because most logs of a test stay small, and double up to a limit.
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
    record Chunk(long baseOffset, UnsafeBuffer buffer) {
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

        int usedBytes() {
            int index = 0;
            while (hasBatchAt(index)) {
                index += BatchLayout.frameLength(buffer, index);
            }
            return index;
        }

        long maxTimestamp() {
            long max = Long.MIN_VALUE;
            for (int index = 0; hasBatchAt(index); index += BatchLayout.frameLength(buffer, index)) {
                max = Math.max(max, BatchLayout.maxTimestamp(buffer, index));
            }
            return max;
        }
    }

    private volatile Chunk[] chunks = {};
    private long endOffset;
    private volatile long startOffset;
    private LogSettings settings = LogSettings.defaults();
    /** Writer's: where the next batch goes in the last chunk. */
    private int appendIndex;
    /** Writer's: what all chunks hold. */
    private long bytes;

    private volatile int truncations;

    /** Writer's thread. */
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
        bytes += length;
        END_OFFSET.setRelease(this, BatchLayout.endOffset(source, index));
    }

    /** Writer's thread. What a chunk keeps stays where it is, and the rest of it is never written again. */
    void truncate(long toOffset) {
        if (toOffset >= endOffset) {
            return;
        }
        Chunk cut = Objects.requireNonNull(chunkOf(toOffset));
        int index = cut.indexOf(toOffset);
        long newEndOffset = BatchLayout.baseOffset(cut.buffer, index);
        List<Chunk> kept = new ArrayList<>();
        bytes = index;
        for (Chunk chunk : chunks) {
            if (chunk.baseOffset < cut.baseOffset) {
                kept.add(chunk);
                bytes += chunk.usedBytes();
            }
        }
        if (index > 0) {
            kept.add(new Chunk(cut.baseOffset, new UnsafeBuffer(cut.buffer, 0, index)));
        }
        // Whatever room is left in the last one: somebody may look at what lay there.
        appendIndex = kept.isEmpty() ? 0 : kept.get(kept.size() - 1).buffer.capacity();
        chunks = kept.toArray(Chunk[]::new);
        END_OFFSET.setRelease(this, newEndOffset);
        truncations = truncations + 1;
    }

    /** Writer's thread. A chunk stands for a file; the last one goes only when all of it is too old. */
    void deleteOld(long nowMs) {
        Chunk[] present = chunks;
        int count = 0;
        while (count < present.length) {
            Chunk oldest = present[count];
            long bytesBehind = bytes - oldest.usedBytes();
            boolean isLast = count == present.length - 1;
            if (!settings.isTooOld(oldest.maxTimestamp(), nowMs) && (isLast || !settings.isEnough(bytesBehind))) {
                break;
            }
            bytes = bytesBehind;
            count++;
        }
        if (count > 0) {
            chunks = Arrays.copyOfRange(present, count, present.length);
            startOffset = count == present.length ? endOffset : present[count].baseOffset;
        }
    }

    /** How often; a chunk that was found before may be one that is forgotten. */
    int truncations() {
        return truncations;
    }

    /**
     * The chunk that holds an offset, or the next one there is; the offset must lie below an end offset that the caller
     * acquired. Null when it was deleted with all others. Any thread.
     */
    @Nullable
    Chunk chunkOf(long offset) {
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
        return snapshot[low];
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
        Chunk added = new Chunk(endOffset, new UnsafeBuffer(new byte[capacity]));
        Chunk[] grown = Arrays.copyOf(present, count + 1);
        grown[count] = added;
        chunks = grown;
        appendIndex = 0;
        return added;
    }
}
