package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where some of the batches lie: one for every {@link #SPACING_BYTES} of the file, in memory, 16 bytes each. One thread
 * adds, any thread looks up.
 *
 * <p>Entries are written before their count is released, and never change. The array is replaced when it is full, before
 * the count grows beyond it; so who acquires the count finds an array that holds as many.
 */
final class PositionIndex {
    static final int SPACING_BYTES = 64 * 1024;

    private static final String MAGIC = "TMINDEX ";
    private static final int VERSION = 1;
    private static final int ENTRY_LENGTH = 2 * Long.BYTES;
    private static final int INITIAL_ENTRIES = 4;
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(PositionIndex.class, "count", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A batch, and the position of its excerpt. */
    record Entry(long baseOffset, long position) {}

    /** Offset and position in turn. */
    private volatile long[] entries = new long[2 * INITIAL_ENTRIES];

    private int count;
    private long nextPosition;
    private long maxTimestamp = Long.MIN_VALUE;

    /**
     * What {@link #write} left, or null when there is no file.
     *
     * @throws io.tidemill.errors.CorruptRecordException when it is anything else
     */
    static @Nullable PositionIndex read(Path path) {
        byte[] content = new SealedFile(path, MAGIC, VERSION).read();
        if (content == null) {
            return null;
        }
        return get(ByteBuffer.wrap(content).order(LITTLE_ENDIAN));
    }

    void write(Path path) {
        ByteBuffer buffer = ByteBuffer.allocate(length()).order(LITTLE_ENDIAN);
        put(buffer);
        new SealedFile(path, MAGIC, VERSION).write(buffer.array(), path.resolveSibling(path.getFileName() + ".tmp"));
    }

    /** What {@link #put} left there, up to the buffer's limit. */
    static PositionIndex get(ByteBuffer buffer) {
        PositionIndex index = new PositionIndex();
        index.maxTimestamp = buffer.getLong();
        while (buffer.remaining() >= ENTRY_LENGTH) {
            index.add(buffer.getLong(), buffer.getLong());
        }
        return index;
    }

    /** The newest time, then offset and position in turn. Writer's thread. */
    void put(ByteBuffer buffer) {
        buffer.putLong(maxTimestamp);
        for (int i = 0; i < 2 * count; i++) {
            buffer.putLong(entries[i]);
        }
    }

    /** In bytes, as {@link #put} writes it. */
    int length() {
        return Long.BYTES + count * ENTRY_LENGTH;
    }

    Entry first() {
        return floor(Long.MIN_VALUE);
    }

    Entry last() {
        return floor(Long.MAX_VALUE);
    }

    /** Writer's thread; in order. */
    void onBatch(DirectBuffer buffer, int batch, long position) {
        onBatch(BatchLayout.baseOffset(buffer, batch), position, BatchLayout.maxTimestamp(buffer, batch));
    }

    /** Whether an entry is made is decided here. */
    void onBatch(long baseOffset, long position, long maxTimestamp) {
        if (position >= nextPosition) {
            add(baseOffset, position);
        }
        this.maxTimestamp = Math.max(this.maxTimestamp, maxTimestamp);
    }

    /** Of all batches so far. Writer's thread. */
    long maxTimestamp() {
        return maxTimestamp;
    }

    private void add(long baseOffset, long position) {
        long[] present = entries;
        int used = count;
        if (2 * used == present.length) {
            present = Arrays.copyOf(present, 2 * present.length);
            entries = present;
        }
        present[2 * used] = baseOffset;
        present[2 * used + 1] = position;
        nextPosition = position + SPACING_BYTES;
        COUNT.setRelease(this, used + 1);
    }

    /** The last entry at or below an offset, or the first one. There must be one. */
    Entry floor(long offset) {
        int high = (int) COUNT.getAcquire(this) - 1;
        long[] snapshot = entries;
        int low = 0;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (snapshot[2 * middle] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return new Entry(snapshot[2 * low], snapshot[2 * low + 1]);
    }
}
