package io.tidemill.producer;

import io.tidemill.DeliveryListener;
import io.tidemill.FullRingPolicy;
import io.tidemill.Header;
import io.tidemill.Partitioner;
import io.tidemill.Producer;
import io.tidemill.ProducerInterceptor;
import io.tidemill.ProducerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.RecordMetadata;
import io.tidemill.Serde;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.InterruptException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The friendly tier with an account of its own: {@link TopicProducer} sends, {@link Reports} counts and tells. Thread-safe.
 */
public final class ReportingProducer<K, V> implements Producer<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(ReportingProducer.class);
    private final String topic;
    private final TopicProducer<K, V> producer;
    private final List<ProducerInterceptor<K, V>> interceptors;
    private final Reports reports;
    private final CallerWait callerWait;
    private final AtomicBoolean closing = new AtomicBoolean();

    /** With the partitioner for those settings that name none. */
    public ReportingProducer(
            OpenTopic topic,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            ProducerSettings<K, V> settings,
            Partitioner partitioner,
            CallerWait callerWait) {
        this.topic = topic.name();
        this.interceptors = settings.interceptors();
        this.reports = new Reports(settings, callerWait);
        this.callerWait = callerWait;
        this.producer = new TopicProducer<>(
                topic,
                keySerde,
                valueSerde,
                settings.partitioner() == null ? partitioner : settings.partitioner(),
                callerWait,
                settings.fullRing() == FullRingPolicy.BLOCK ? settings.maxBlock() : Duration.ZERO,
                reports::newSend);
    }

    @Override
    public CompletableFuture<RecordMetadata> send(@Nullable K key, @Nullable V value) {
        return interceptors.isEmpty()
                ? send(ProducerRecord.ANY_PARTITION, ProducerRecord.NO_TIMESTAMP, key, value, List.of(), null)
                : send(ProducerRecord.of(key, value));
    }

    @Override
    public CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record) {
        return intercept(record, null);
    }

    @Override
    public CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record, DeliveryListener listener) {
        return intercept(record, listener);
    }

    private CompletableFuture<RecordMetadata> intercept(
            ProducerRecord<K, V> record, @Nullable DeliveryListener listener) {
        requireOpen();
        ProducerRecord<K, V> sent = record;
        for (int i = 0; i < interceptors.size(); i++) {
            try {
                sent = interceptors.get(i).onSend(sent);
            } catch (RuntimeException e) {
                LOG.warn("interceptor failed, the record goes on as it was: topic={}", topic, e);
            }
        }
        return send(sent.partition(), sent.timestamp(), sent.key(), sent.value(), sent.headers(), listener);
    }

    private CompletableFuture<RecordMetadata> send(
            int toPartition,
            long timestamp,
            @Nullable K key,
            @Nullable V value,
            List<Header> headers,
            @Nullable DeliveryListener listener) {
        requireOpen();
        SendFuture answer = producer.send(toPartition, timestamp, key, value, headers, listener);
        if (!reports.areAwaited()) {
            answer.deliver();
        }
        return answer;
    }

    private void requireOpen() {
        if (closing.get()) {
            throw new IllegalStateException("the producer is closed: topic=" + topic);
        }
    }

    @Override
    public void flush() {
        callerWait.requireMayWait();
        if (!callerWait.until(newFlush(), CallerWait.FOREVER, null)) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptException("interrupted while flushing: topic=" + topic + ", open=" + reports.open());
            }
            throw new BrokerClosedException(
                    "the broker was closed while flushing: topic=" + topic + ", open=" + reports.open(), null);
        }
    }

    @Override
    public void close() {
        close(CallerWait.FOREVER);
    }

    @Override
    public void close(Duration timeout) {
        callerWait.requireMayWait();
        if (closing.compareAndSet(false, true) && !callerWait.until(newFlush(), timeout, null)) {
            UnansweredException doubt = new UnansweredException(
                    "the producer was closed before it was answered, and the record may be appended or not: topic="
                            + topic + ", timeout=" + timeout + ", open=" + reports.open());
            reports.all().forEach(sends -> sends.forEach(send -> send.giveUp(doubt)));
        }
    }

    private Flush newFlush() {
        return new Flush(reports.all(), reports.awaitReplicas());
    }

    @Override
    public long accepted() {
        return reports.accepted();
    }

    @Override
    public long acknowledged() {
        return reports.acknowledged();
    }

    @Override
    public long failed() {
        return reports.failed();
    }

    @Override
    public long dropped() {
        return reports.dropped();
    }
}
