package io.tidemill.consumer;

import io.tidemill.raw.RecordView;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** A view that throws when it is used after it was released. */
final class CheckedView implements RecordView {
    private final CheckedBuffer buffer = new CheckedBuffer(this);
    /** Null when it was released. Other threads must see that, too: handing a view to one of them is the mistake to find. */
    private volatile @Nullable RecordView record;

    void show(RecordView shown) {
        record = shown;
    }

    void release() {
        record = null;
    }

    private RecordView record() {
        RecordView shown = record;
        if (shown == null) {
            throw new IllegalStateException(
                    "a record's view was used after its time: it is valid until the handler that got it"
                            + " returns, and until the consumer seeks or is closed; copy what is needed longer");
        }
        return shown;
    }

    /** The bytes themselves, without a check. */
    DirectBuffer bytes() {
        return record().buffer();
    }

    @Override
    public long offset() {
        return record().offset();
    }

    @Override
    public long timestamp() {
        return record().timestamp();
    }

    @Override
    public DirectBuffer buffer() {
        record();
        return buffer;
    }

    @Override
    public int keyIndex() {
        return record().keyIndex();
    }

    @Override
    public int keyLength() {
        return record().keyLength();
    }

    @Override
    public int valueIndex() {
        return record().valueIndex();
    }

    @Override
    public int valueLength() {
        return record().valueLength();
    }

    @Override
    public int headersIndex() {
        return record().headersIndex();
    }

    @Override
    public int headersLength() {
        return record().headersLength();
    }
}
