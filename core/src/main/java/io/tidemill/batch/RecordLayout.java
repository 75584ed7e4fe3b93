package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One record in encoding 0. A producer writes it straight into the ring, and from there it is copied as it is: only
 * {@code offsetDelta} is set on the way, and {@code timestamp} where the producer left it open.
 *
 * <pre>
 *   0               4               8                              16
 *   +---------------+---------------+-------------------------------+
 *   |    length     |  offsetDelta  |           timestamp           |
 *   +---------------+---------------+---------------+---------------+
 *  16   keyLength   |  valueLength  | key ... value ... headers ...
 *   +---------------+---------------+-------------------------------+
 *      ... zeros to the next multiple of 8
 *
 *   headers:  count, then for each:  nameLength, name, valueLength, value
 * </pre>
 *
 * {@code length} counts everything but the zeros, so headers are what it leaves behind key and value. A key or value length
 * of −1 is null, which is not the same as empty. Numbers are little-endian; those inside headers may be unaligned.
 */
public final class RecordLayout {
    public static final int LENGTH = 0;
    public static final int OFFSET_DELTA = 4;
    public static final int TIMESTAMP = 8;
    public static final int KEY_LENGTH = 16;
    public static final int VALUE_LENGTH = 20;
    public static final int HEADER_LENGTH = 24;

    public static final int NULL_LENGTH = -1;
    /** The producer leaves it to the broker: the record gets the time of its batch. */
    public static final long NO_TIMESTAMP = -1;

    private RecordLayout() {}

    /** What a record takes, zeros included. May exceed an int: the sum is for the caller to refuse. */
    public static long length(int keyLength, int valueLength, int headersLength) {
        return BitUtil.align(bareLength(keyLength, valueLength, headersLength), BatchLayout.ALIGNMENT);
    }

    /** Without the zeros. */
    static long bareLength(int keyLength, int valueLength, int headersLength) {
        return (long) HEADER_LENGTH + Math.max(keyLength, 0) + Math.max(valueLength, 0) + headersLength;
    }

    /** Writes everything but key, value and headers themselves; before them or after. */
    public static void putHeader(
            MutableDirectBuffer buffer, int record, long timestamp, int keyLength, int valueLength, int headersLength) {
        int bare = (int) bareLength(keyLength, valueLength, headersLength);
        buffer.putLong(record + LENGTH, twoInts(bare, 0), LITTLE_ENDIAN);
        buffer.putLong(record + TIMESTAMP, timestamp, LITTLE_ENDIAN);
        buffer.putLong(record + KEY_LENGTH, twoInts(keyLength, valueLength), LITTLE_ENDIAN);
        int lastLength = bare % BatchLayout.ALIGNMENT;
        if (lastLength != 0) {
            // What lay behind the record before must not show: the same record is always the same bytes.
            int last = record + bare - lastLength;
            long kept = (1L << (Byte.SIZE * lastLength)) - 1;
            buffer.putLong(last, buffer.getLong(last, LITTLE_ENDIAN) & kept, LITTLE_ENDIAN);
        }
    }

    private static long twoInts(int first, int second) {
        return (long) second << Integer.SIZE | Integer.toUnsignedLong(first);
    }

    /** How many records a run has. It ends where its room ends, or at a length of 0. */
    public static int count(DirectBuffer buffer, int run, int runLength) {
        int count = 0;
        int record = run;
        while (record < run + runLength) {
            int length = length(buffer, record);
            if (length == 0) {
                break;
            }
            record += length;
            count++;
        }
        return count;
    }

    /** From this record to the next. */
    public static int length(DirectBuffer buffer, int record) {
        return BitUtil.align(buffer.getInt(record + LENGTH, LITTLE_ENDIAN), BatchLayout.ALIGNMENT);
    }

    public static int offsetDelta(DirectBuffer buffer, int record) {
        return buffer.getInt(record + OFFSET_DELTA, LITTLE_ENDIAN);
    }

    public static long timestamp(DirectBuffer buffer, int record) {
        return buffer.getLong(record + TIMESTAMP, LITTLE_ENDIAN);
    }

    public static int keyLength(DirectBuffer buffer, int record) {
        return buffer.getInt(record + KEY_LENGTH, LITTLE_ENDIAN);
    }

    public static int valueLength(DirectBuffer buffer, int record) {
        return buffer.getInt(record + VALUE_LENGTH, LITTLE_ENDIAN);
    }

    public static int headersLength(DirectBuffer buffer, int record) {
        return record + buffer.getInt(record + LENGTH, LITTLE_ENDIAN) - headersIndex(buffer, record);
    }

    public static int keyIndex(int record) {
        return record + HEADER_LENGTH;
    }

    public static int valueIndex(DirectBuffer buffer, int record) {
        return keyIndex(record) + Math.max(keyLength(buffer, record), 0);
    }

    public static int headersIndex(DirectBuffer buffer, int record) {
        return valueIndex(buffer, record) + Math.max(valueLength(buffer, record), 0);
    }
}
