package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.raw.RecordView;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A view of one record in encoding 0, moved from record to record of a batch. Sees nothing but that batch, and reads the
 * record's lengths once, when it is moved.
 */
public final class RecordFlyweight implements RecordView {
    /** Of this class and not of the interface: every access below is one that the compiler can see through. */
    private final UnsafeBuffer batch = new UnsafeBuffer(0, 0);

    private int end;
    private long baseOffset;
    private int record;
    private int length;
    private long offset;
    private int keyLength;
    private int valueLength;
    private int headersLength;

    /** Goes to a batch, of which the whole frame is there, in front of its first record. */
    public void enter(DirectBuffer buffer, int batchIndex) {
        end = BatchLayout.frameLength(buffer, batchIndex);
        batch.wrap(buffer, batchIndex, end);
        baseOffset = BatchLayout.baseOffset(buffer, batchIndex);
        record = 0;
        length = BatchLayout.HEADER_LENGTH;
    }

    /** Whether there is a record behind the current one. */
    public boolean hasNext() {
        return record + length < end;
    }

    /**
     * Moves to the next record, which must be there.
     *
     * @return whether it keeps within itself and the batch; a checksum that matches proves the bytes, not their writer
     */
    public boolean next() {
        int next = record + length;
        if (end - next < RecordLayout.HEADER_LENGTH) {
            return false;
        }
        // Two fields at a time: half the loads, half the bounds checks.
        long lengthAndDelta = batch.getLong(next + RecordLayout.LENGTH, LITTLE_ENDIAN);
        long keyAndValue = batch.getLong(next + RecordLayout.KEY_LENGTH, LITTLE_ENDIAN);
        int headers = batch.getInt(next + RecordLayout.HEADERS_LENGTH, LITTLE_ENDIAN);
        int key = (int) keyAndValue;
        int value = (int) (keyAndValue >> Integer.SIZE);
        int total = (int) lengthAndDelta;
        if (key < RecordLayout.NULL_LENGTH
                || value < RecordLayout.NULL_LENGTH
                || headers < 0
                || total > end - next
                || total != RecordLayout.length(key, value, headers)) {
            return false;
        }
        record = next;
        length = total;
        offset = baseOffset + (int) (lengthAndDelta >> Integer.SIZE);
        keyLength = key;
        valueLength = value;
        headersLength = headers;
        return true;
    }

    /** Behind the last record: there is nothing until the next {@link #enter}. */
    public void leave() {
        end = 0;
        record = 0;
        length = 0;
    }

    /** Where the next record would begin, counted from the batch's beginning. */
    int nextIndex() {
        return record + length;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long timestamp() {
        return RecordLayout.timestamp(batch, record);
    }

    @Override
    public DirectBuffer buffer() {
        return batch;
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
