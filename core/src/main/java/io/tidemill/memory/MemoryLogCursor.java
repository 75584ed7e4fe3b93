package io.tidemill.memory;

import io.tidemill.batch.BatchLayout;
import io.tidemill.memory.BatchChunks.Chunk;
import io.tidemill.spi.LogCursor;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the chunks in place: the buffer it hands out is the chunk itself. No checksum is computed, since what lies
 * in the heap is what was appended.
 */
final class MemoryLogCursor implements LogCursor {
    private final MemoryLog log;
    private final BatchChunks chunks;
    private long nextOffset;
    /** The chunk of the batch at {@link #nextOffset} as far as that is known; null after a seek. */
    private @Nullable Chunk chunk;

    private int nextIndex;
    private long acquiredEndOffset;
    private int knownTruncations;
    private boolean closed;

    /** Of the current batch; null before the first. */
    private @Nullable DirectBuffer buffer;

    private int batchIndex;

    MemoryLogCursor(MemoryLog log, BatchChunks chunks) {
        this.log = log;
        this.chunks = chunks;
        this.nextOffset = chunks.startOffset();
    }

    @Override
    public void seek(long offset) {
        nextOffset = Math.max(offset, chunks.startOffset());
        chunk = null;
    }

    @Override
    public boolean next(long limitOffset) {
        int truncations = chunks.truncations();
        if (knownTruncations != truncations) {
            knownTruncations = truncations;
            acquiredEndOffset = chunks.endOffsetAcquire();
            chunk = null;
        }
        if (closed || log.isClosed() || nextOffset >= visibleEndOffset(limitOffset)) {
            return false;
        }
        Chunk current = chunk;
        if (current == null || !current.hasBatchAt(nextIndex)) {
            current = chunks.chunkOf(nextOffset, acquiredEndOffset);
            if (current == null) {
                return false;
            }
            chunk = current;
            nextIndex = current.indexOf(nextOffset);
        }
        long batchEndOffset = BatchLayout.endOffset(current.buffer(), nextIndex);
        if (batchEndOffset > limitOffset) {
            return false;
        }
        buffer = current.buffer();
        batchIndex = nextIndex;
        nextIndex += BatchLayout.frameLength(current.buffer(), nextIndex);
        nextOffset = batchEndOffset;
        return true;
    }

    /** The limit, or less. Acquires by itself, so that what the cursor sees never hangs on how the limit got here. */
    private long visibleEndOffset(long limitOffset) {
        if (acquiredEndOffset < limitOffset) {
            acquiredEndOffset = chunks.endOffsetAcquire();
        }
        return Math.min(acquiredEndOffset, limitOffset);
    }

    @Override
    public DirectBuffer buffer() {
        if (buffer == null) {
            throw new IllegalStateException("cursor is on no batch yet");
        }
        return buffer;
    }

    @Override
    public int batchIndex() {
        return batchIndex;
    }

    @Override
    public void close() {
        closed = true;
    }
}
