package io.tidemill.consumer;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Deserializer;
import io.tidemill.Serde;
import io.tidemill.batch.HeadersLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.SerializationException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RecordView;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The friendly tier's consumer: readers of all partitions of a topic, taken in turn. */
public final class TopicConsumer<K, V> implements Consumer<K, V> {
    private final OpenTopic topic;
    /** Locked while they are in use: another thread may close this, and then what they read into goes to others. */
    private final List<PartitionReader> readers = new ArrayList<>();

    private final Deserializer<K> keyDeserializer;
    private final Deserializer<V> valueDeserializer;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private int firstReader;
    private volatile boolean closed;

    public TopicConsumer(OpenTopic topic, Serde<K> keySerde, Serde<V> valueSerde, CallerWait callerWait) {
        this.topic = topic;
        this.keyDeserializer = keySerde.deserializer();
        this.valueDeserializer = valueSerde.deserializer();
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
        followGrowth();
    }

    /** New partitions are read from their start: nothing that is in them was there before. */
    private void followGrowth() {
        List<Partition> partitions = topic.partitions();
        while (readers.size() < partitions.size()) {
            Partition partition = partitions.get(readers.size());
            readers.add(new PartitionReader(partition));
            partition.addWaiting(wakeup);
        }
    }

    @Override
    public List<ConsumerRecord<K, V>> poll(Duration timeout) {
        requireOpen();
        if (!callerWait.until(this::hasMoreOrClosed, timeout, wakeup) || closed) {
            callerWait.requireOpen();
            return List.of();
        }
        synchronized (readers) {
            return closed ? List.of() : pollReaders();
        }
    }

    private List<ConsumerRecord<K, V>> pollReaders() {
        List<ConsumerRecord<K, V>> records = new ArrayList<>(MAX_POLL_RECORDS);
        // Begins with another partition each time, so that a full one does not starve those behind it.
        firstReader = (firstReader + 1) % readers.size();
        for (int i = 0; i < readers.size() && records.size() < MAX_POLL_RECORDS; i++) {
            PartitionReader reader = readers.get((firstReader + i) % readers.size());
            pollInto(records, reader);
        }
        return records;
    }

    private void pollInto(List<ConsumerRecord<K, V>> records, PartitionReader reader) {
        int partition = reader.partition().index();
        try {
            reader.poll(record -> records.add(toRecord(partition, record)), MAX_POLL_RECORDS - records.size());
        } catch (RuntimeException e) {
            // Those before it are given out first; the next poll meets it again.
            if (records.isEmpty()) {
                throw e;
            }
        }
    }

    private ConsumerRecord<K, V> toRecord(int partition, RecordView record) {
        DirectBuffer buffer = record.buffer();
        return new ConsumerRecord<>(
                topic.name(),
                partition,
                record.offset(),
                record.timestamp(),
                deserialize("key", keyDeserializer, record, partition, record.keyIndex(), record.keyLength()),
                deserialize("value", valueDeserializer, record, partition, record.valueIndex(), record.valueLength()),
                HeadersLayout.get(buffer, record.headersIndex(), record.headersLength()));
    }

    private <T> @Nullable T deserialize(
            String what, Deserializer<T> deserializer, RecordView record, int partition, int index, int length) {
        if (length == RecordLayout.NULL_LENGTH) {
            return null;
        }
        try {
            return deserializer.deserialize(record.buffer(), index, length);
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "deserializer failed: " + what + " of " + length + " bytes, topic=" + topic.name() + ", partition="
                            + partition + ", offset=" + record.offset(),
                    topic.name(),
                    partition,
                    record.offset(),
                    e);
        }
    }

    private boolean hasMoreOrClosed() {
        synchronized (readers) {
            if (closed) {
                return true;
            }
            followGrowth();
            for (int i = 0; i < readers.size(); i++) {
                if (readers.get(i).hasMore()) {
                    return true;
                }
            }
            return false;
        }
    }

    @Override
    public long position(int partition) {
        return reader(partition).position();
    }

    @Override
    public void seek(int partition, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must not be negative: offset=" + offset);
        }
        requireOpen();
        reader(partition).seek(offset);
    }

    @Override
    public void seekToBeginning() {
        requireOpen();
        readers.forEach(reader -> reader.seek(reader.partition().startOffset()));
    }

    @Override
    public void seekToEnd() {
        requireOpen();
        readers.forEach(reader -> reader.seek(reader.partition().committedAcquire()));
    }

    @Override
    public void seekToTime(Instant time) {
        synchronized (readers) {
            requireOpen();
            readers.forEach(reader -> reader.seekToTime(time.toEpochMilli()));
        }
    }

    private PartitionReader reader(int partition) {
        Partition.requireIndex(partition, topic.name(), readers.size());
        return readers.get(partition);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the consumer is closed: topic=" + topic.name());
        }
        callerWait.requireOpen();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            wakeup.signal();
            synchronized (readers) {
                readers.forEach(reader -> {
                    reader.partition().removeWaiting(wakeup);
                    reader.close();
                });
            }
        }
    }
}
