package io.tidemill.consumer;

import io.tidemill.ConsumerRecord;
import io.tidemill.Deserializer;
import io.tidemill.Serde;
import io.tidemill.TopicPartition;
import io.tidemill.batch.HeadersLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.RecordDeserializationException;
import io.tidemill.raw.RecordView;
import org.jspecify.annotations.Nullable;

/** Makes the friendly tier's records of views. */
public final class RecordDecoder<K, V> {
    private final Deserializer<K> keyDeserializer;
    private final Deserializer<V> valueDeserializer;

    public RecordDecoder(Serde<K> keySerde, Serde<V> valueSerde) {
        this.keyDeserializer = keySerde.deserializer();
        this.valueDeserializer = valueSerde.deserializer();
    }

    /**
     * While the view is valid.
     *
     * @throws RecordDeserializationException when a deserializer refuses it
     */
    public ConsumerRecord<K, V> decode(TopicPartition partition, RecordView record) {
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                record.offset(),
                record.timestamp(),
                deserialize("key", keyDeserializer, record, partition, record.keyIndex(), record.keyLength()),
                deserialize("value", valueDeserializer, record, partition, record.valueIndex(), record.valueLength()),
                HeadersLayout.get(record.buffer(), record.headersIndex(), record.headersLength()));
    }

    private static <T> @Nullable T deserialize(
            String what,
            Deserializer<T> deserializer,
            RecordView record,
            TopicPartition partition,
            int index,
            int length) {
        if (length == RecordLayout.NULL_LENGTH) {
            return null;
        }
        try {
            return deserializer.deserialize(record.buffer(), index, length);
        } catch (RuntimeException e) {
            throw new RecordDeserializationException(
                    "deserializer failed: " + what + " of " + length + " bytes", partition, record.offset(), e);
        }
    }
}
