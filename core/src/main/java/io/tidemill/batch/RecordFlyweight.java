package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.raw.RecordView;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A view of one record in encoding 0, moved from record to record. Reads the record's lengths once, when it is moved.
 */
public final class RecordFlyweight implements RecordView {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int record;
    private int length;
    private long offset;
    private int keyLength;
    private int valueLength;
    private int headersLength;

    /**
     * Moves to a record, with {@code available} bytes up to the end of its batch.
     *
     * @return whether the record keeps within itself and them; a checksum that matches proves the bytes, not their
     *     writer
     */
    public boolean wrap(DirectBuffer buffer, int record, int available, long baseOffset) {
        if (available < RecordLayout.HEADER_LENGTH) {
            return false;
        }
        this.buffer = buffer;
        this.record = record;
        // Two fields at a time: half the loads, half the bounds checks.
        long lengthAndDelta = buffer.getLong(record + RecordLayout.LENGTH, LITTLE_ENDIAN);
        long keyAndValue = buffer.getLong(record + RecordLayout.KEY_LENGTH, LITTLE_ENDIAN);
        length = (int) lengthAndDelta;
        offset = baseOffset + (int) (lengthAndDelta >> Integer.SIZE);
        keyLength = (int) keyAndValue;
        valueLength = (int) (keyAndValue >> Integer.SIZE);
        headersLength = RecordLayout.headersLength(buffer, record);
        return keyLength >= RecordLayout.NULL_LENGTH
                && valueLength >= RecordLayout.NULL_LENGTH
                && headersLength >= 0
                && length <= available
                && length == RecordLayout.length(keyLength, valueLength, headersLength);
    }

    /** With everything, padding too. */
    public int length() {
        return length;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long timestamp() {
        return RecordLayout.timestamp(buffer, record);
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int keyIndex() {
        return RecordLayout.keyIndex(record);
    }

    @Override
    public int keyLength() {
        return keyLength;
    }

    @Override
    public int valueIndex() {
        return keyIndex() + Math.max(keyLength, 0);
    }

    @Override
    public int valueLength() {
        return valueLength;
    }

    @Override
    public int headersIndex() {
        return valueIndex() + Math.max(valueLength, 0);
    }

    @Override
    public int headersLength() {
        return headersLength;
    }
}
