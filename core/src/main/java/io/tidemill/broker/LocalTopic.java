package io.tidemill.broker;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerSettings;
import io.tidemill.Partitioner;
import io.tidemill.Producer;
import io.tidemill.ProducerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.RecordMetadata;
import io.tidemill.Serde;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.consumer.Consumers;
import io.tidemill.consumer.TopicConsumer;
import io.tidemill.lane.OpenTopic;
import io.tidemill.producer.ReportingProducer;
import io.tidemill.producer.RingProducer;
import io.tidemill.producer.TopicProducer;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RawProducer;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A topic of the broker on one node. */
final class LocalTopic<K, V> implements Topic<K, V> {
    /** What a topic needs of its broker. */
    record Context(Broker broker, CallerWait callerWait, Duration maxBlock, Consumers consumers) {}

    private final OpenTopic topic;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final Partitioner partitioner;
    /** Throws when nothing may be written. */
    private final Runnable writeCheck;

    private final Context broker;
    private final TopicProducer<K, V> producer;

    LocalTopic(
            OpenTopic topic,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Partitioner partitioner,
            Runnable writeCheck,
            Context broker) {
        this.topic = topic;
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.partitioner = partitioner;
        this.writeCheck = writeCheck;
        this.broker = broker;
        this.producer =
                new TopicProducer<>(topic, keySerde, valueSerde, partitioner, broker.callerWait(), broker.maxBlock());
    }

    @Override
    public String name() {
        return topic.name();
    }

    @Override
    public Broker broker() {
        return broker.broker();
    }

    @Override
    public Serde<K> keySerde() {
        return keySerde;
    }

    @Override
    public Serde<V> valueSerde() {
        return valueSerde;
    }

    @Override
    public TopicSettings settings() {
        return topic.settings();
    }

    @Override
    public CompletableFuture<RecordMetadata> send(@Nullable K key, @Nullable V value) {
        writeCheck.run();
        return producer.send(ProducerRecord.ANY_PARTITION, ProducerRecord.NO_TIMESTAMP, key, value, List.of());
    }

    @Override
    public CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record) {
        writeCheck.run();
        return producer.send(record.partition(), record.timestamp(), record.key(), record.value(), record.headers());
    }

    @Override
    public CompletableFuture<RecordMetadata> append(
            int partition, long expectedOffset, List<ProducerRecord<K, V>> records) {
        writeCheck.run();
        return producer.append(partition, expectedOffset, records);
    }

    @Override
    public Producer<K, V> producer() {
        return producer(ProducerSettings.<K, V>defaults().withMaxBlock(broker.maxBlock()));
    }

    @Override
    public Producer<K, V> producer(ProducerSettings<K, V> settings) {
        broker.callerWait().requireOpen();
        writeCheck.run();
        return new ReportingProducer<>(topic, keySerde, valueSerde, settings, partitioner, broker.callerWait());
    }

    @Override
    public Topic<K, V> partitionedBy(Partitioner partitioner) {
        return new LocalTopic<>(topic, keySerde, valueSerde, partitioner, writeCheck, broker);
    }

    @Override
    public Consumer<K, V> consumer() {
        return consumer(ConsumerSettings.defaults());
    }

    @Override
    public Consumer<K, V> consumer(ConsumerSettings settings) {
        TopicConsumer<K, V> consumer = broker.consumers().consumer(keySerde, valueSerde, settings);
        // Not by its name: another one may have taken that since.
        consumer.subscribeTo(List.of(topic));
        return consumer;
    }

    @Override
    public RawProducer rawProducer(int partition) {
        broker.callerWait().requireOpen();
        writeCheck.run();
        return new RingProducer(topic.partition(partition), broker.callerWait());
    }

    @Override
    public RawConsumer rawConsumer(int partition) {
        return rawConsumer(partition, RawConsumerSettings.defaults());
    }

    @Override
    public RawConsumer rawConsumer(int partition, RawConsumerSettings settings) {
        return broker.consumers().rawConsumer(topic.partition(partition), settings);
    }
}
