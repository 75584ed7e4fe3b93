package io.tidemill.producer;

import io.tidemill.RecordMetadata;

/** Of a record of which only the partition is known. */
record UnknownPlace(String topic, int partition) implements RecordMetadata {
    @Override
    public long offset() {
        return NO_OFFSET;
    }

    @Override
    public long timestamp() {
        return NO_OFFSET;
    }
}
