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
 * Where some of the batches lie: one for every {@link #SPACING_BYTES} of the file, in memory, 24 bytes each. One thread
 * adds, any thread looks up.
 *
 * <p>Each entry also tells the newest time in front of it. Those times never go back, though the records' own may; so the
 * first batch that holds a time or a later one lies between two neighbours that a search finds.
 *
 * <p>Entries are written before their count is released, and never change. The array is replaced when it is full, before
 * the count grows beyond it; so who acquires the count finds an array that holds as many.
 */
final class PositionIndex {
    static final int SPACING_BYTES = 8 * 1024;
    /** The newest time of no record. */
    static final long NO_TIMESTAMP = Long.MIN_VALUE;

    private static final String MAGIC = "TMINDEX ";
    private static final int VERSION = 1;
    /** What an entry is made of, in this order. */
    private static final int BASE_OFFSET = 0;

    private static final int POSITION = 1;
    private static final int MAX_TIMESTAMP_BEFORE = 2;
    private static final int COLUMNS = 3;
    private static final int ENTRY_LENGTH = COLUMNS * Long.BYTES;
    private static final int INITIAL_ENTRIES = 4;
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(PositionIndex.class, "count", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * A batch, the position of its excerpt, and the newest time of the batches in front of it.
     *
     * @param nextPosition of the entry behind it, or {@link Long#MAX_VALUE}
     */
    record Entry(long baseOffset, long position, long maxTimestampBefore, long nextPosition) {}

    private volatile long[] entries = new long[COLUMNS * INITIAL_ENTRIES];
    private int count;
    private long nextPosition;
    private volatile long maxTimestamp = NO_TIMESTAMP;

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

    /** If it does not come through a crash of the machine, it is made again from the segment. */
    void write(Path path) {
        ByteBuffer buffer = ByteBuffer.allocate(length()).order(LITTLE_ENDIAN);
        put(buffer);
        new SealedFile(path, MAGIC, VERSION)
                .writeUnforced(buffer.array(), path.resolveSibling(path.getFileName() + ".tmp"));
    }

    /** What {@link #put} left there, up to the buffer's limit. */
    static PositionIndex get(ByteBuffer buffer) {
        PositionIndex index = new PositionIndex();
        index.maxTimestamp = buffer.getLong();
        while (buffer.remaining() >= ENTRY_LENGTH) {
            index.add(buffer.getLong(), buffer.getLong(), buffer.getLong());
        }
        return index;
    }

    /** The newest time, then the entries. Writer's thread. */
    void put(ByteBuffer buffer) {
        buffer.putLong(maxTimestamp);
        for (int i = 0; i < COLUMNS * count; i++) {
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
    void onBatch(long baseOffset, long position, long batchMaxTimestamp) {
        if (position >= nextPosition) {
            add(baseOffset, position, maxTimestamp);
        }
        if (batchMaxTimestamp > maxTimestamp) {
            maxTimestamp = batchMaxTimestamp;
        }
    }

    /** Of all batches so far; {@link #NO_TIMESTAMP} of none. Any thread. */
    long maxTimestamp() {
        return maxTimestamp;
    }

    private void add(long baseOffset, long position, long maxTimestampBefore) {
        long[] present = entries;
        int used = count;
        int entry = COLUMNS * used;
        if (entry == present.length) {
            present = Arrays.copyOf(present, 2 * present.length);
            entries = present;
        }
        present[entry + BASE_OFFSET] = baseOffset;
        present[entry + POSITION] = position;
        present[entry + MAX_TIMESTAMP_BEFORE] = maxTimestampBefore;
        nextPosition = position + SPACING_BYTES;
        COUNT.setRelease(this, used + 1);
    }

    /** The last entry at or below an offset, or the first one. There must be one. */
    Entry floor(long offset) {
        return floor(BASE_OFFSET, offset);
    }

    /** The last entry with older batches only in front of it, or the first one. There must be one. */
    Entry floorOfTime(long timestampMs) {
        return floor(MAX_TIMESTAMP_BEFORE, Math.max(timestampMs, Long.MIN_VALUE + 1) - 1);
    }

    /**
     * Begins where the entry would be if they were evenly spread, as they are when batches are alike, and doubles its steps
     * from there: a search from the middle misses the processor's cache at most of its steps.
     */
    private Entry floor(int column, long value) {
        int last = (int) COUNT.getAcquire(this) - 1;
        long[] snapshot = entries;
        int low = 0;
        int high = last;
        int guess = guess(snapshot, column, last, value);
        if (snapshot[COLUMNS * guess + column] <= value) {
            low = guess;
            for (int step = 1; low + step <= last; step *= 2) {
                if (snapshot[COLUMNS * (low + step) + column] > value) {
                    high = low + step - 1;
                    break;
                }
                low += step;
            }
        } else {
            high = guess - 1;
            for (int step = 1; high - step >= 0; step *= 2) {
                if (snapshot[COLUMNS * (high - step) + column] <= value) {
                    low = high - step;
                    break;
                }
                high -= step;
            }
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (snapshot[COLUMNS * middle + column] <= value) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return entry(snapshot, low, last);
    }

    private static int guess(long[] entries, int column, int last, long value) {
        double first = entries[column];
        double range = entries[COLUMNS * last + column] - first;
        return range > 0 ? (int) Math.max(0, Math.min(last, (value - first) / range * last)) : 0;
    }

    private static Entry entry(long[] entries, int number, int last) {
        int entry = COLUMNS * number;
        return new Entry(
                entries[entry + BASE_OFFSET],
                entries[entry + POSITION],
                entries[entry + MAX_TIMESTAMP_BEFORE],
                number == last ? Long.MAX_VALUE : entries[entry + COLUMNS + POSITION]);
    }
}
