package io.tidemill.batch;

import io.tidemill.raw.RecordView;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A view of one record in encoding 0, moved from record to record. */
public final class RecordFlyweight implements RecordView {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int record;
    private long baseOffset;

    public RecordFlyweight wrap(DirectBuffer buffer, int record, long baseOffset) {
        this.buffer = buffer;
        this.record = record;
        this.baseOffset = baseOffset;
        return this;
    }

    @Override
    public long offset() {
        return baseOffset + RecordLayout.offsetDelta(buffer, record);
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
        return RecordLayout.keyLength(buffer, record);
    }

    @Override
    public int valueIndex() {
        return RecordLayout.valueIndex(buffer, record);
    }

    @Override
    public int valueLength() {
        return RecordLayout.valueLength(buffer, record);
    }

    @Override
    public int headersIndex() {
        return RecordLayout.headersIndex(buffer, record);
    }

    @Override
    public int headersLength() {
        return RecordLayout.headersLength(buffer, record);
    }
}
