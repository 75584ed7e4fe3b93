package io.tidemill.memory;

import io.tidemill.compaction.CompactedLog;
import io.tidemill.compaction.SealedRun;
import io.tidemill.spi.LogCursor;
import java.util.List;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One pass over the chunks of a log. Owned by the thread that compacts. */
final class ChunkCompaction implements CompactedLog {
    private static final int INITIAL_BYTES = 4 * 1024;

    private final MemoryLog log;
    private final BatchChunks chunks;
    private final int truncationsBefore;

    ChunkCompaction(MemoryLog log, BatchChunks chunks) {
        this.log = log;
        this.chunks = chunks;
        this.truncationsBefore = chunks.truncations();
    }

    @Override
    public List<SealedRun> sealedRuns() {
        return chunks.sealedRuns();
    }

    @Override
    public long compactedOffset() {
        return chunks.compactedOffset();
    }

    @Override
    public LogCursor newCursor() {
        return new MemoryLogCursor(log, chunks);
    }

    @Override
    public Rewrite rewrite(long baseOffset) {
        return new ChunkRewrite(baseOffset);
    }

    @Override
    public void compactedUpTo(long offset) {
        chunks.compactedUpTo(offset, truncationsBefore);
    }

    private final class ChunkRewrite implements Rewrite {
        private final long baseOffset;
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[INITIAL_BYTES]);
        private int length;

        ChunkRewrite(long baseOffset) {
            this.baseOffset = baseOffset;
        }

        @Override
        public void append(DirectBuffer source, int batchIndex, int batchLength) {
            if (length + batchLength > buffer.capacity()) {
                byte[] larger = new byte[BitUtil.findNextPositivePowerOfTwo(length + batchLength)];
                buffer.getBytes(0, larger, 0, length);
                buffer.wrap(larger);
            }
            buffer.putBytes(length, source, batchIndex, batchLength);
            length += batchLength;
        }

        @Override
        public long bytes() {
            return length;
        }

        @Override
        public boolean replaceRuns(long endOffset, long deleteHorizonMs) {
            byte[] exact = new byte[length];
            buffer.getBytes(0, exact);
            BatchChunks.Chunk chunk = BatchChunks.Chunk.full(baseOffset, new UnsafeBuffer(exact));
            return chunks.replace(baseOffset, endOffset, truncationsBefore, chunk);
        }

        @Override
        public void close() {
            // What replaced nothing is garbage.
        }
    }
}
