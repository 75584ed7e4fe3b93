package io.tidemill.producer;

import io.tidemill.Header;
import io.tidemill.Partitioner;
import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Serde;
import io.tidemill.Serializer;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.HeadersLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.errors.InvalidRecordException;
import io.tidemill.errors.RecordTooLargeException;
import io.tidemill.errors.SerializationException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Scratches;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The friendly tier's way into the rings of one topic. A record is encoded into a scratch buffer first, where a
 * serializer may fail and a length may turn out too large without anyone noticing, and then copied into its claim.
 * Thread-safe.
 */
public final class TopicProducer<K, V> {
    private static final int OK = 0;

    private final OpenTopic topic;
    private final Serializer<K> keySerializer;
    private final Serializer<V> valueSerializer;
    private final Partitioner partitioner;
    private final CallerWait callerWait;
    private final Duration maxBlock;
    private final Scratches scratches = new Scratches();

    public TopicProducer(
            OpenTopic topic,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Partitioner partitioner,
            CallerWait callerWait,
            Duration maxBlock) {
        this.topic = topic;
        this.keySerializer = keySerde.serializer();
        this.valueSerializer = valueSerde.serializer();
        this.partitioner = partitioner;
        this.callerWait = callerWait;
        this.maxBlock = maxBlock;
    }

    /** As {@link io.tidemill.Topic#send(ProducerRecord)}, with its fields. */
    public CompletableFuture<RecordMetadata> send(
            int toPartition, long timestamp, @Nullable K key, @Nullable V value, List<Header> headers) {
        ExpandableArrayBuffer scratch = scratches.take();
        try {
            int length = encode(scratch, timestamp, key, value, headers);
            Partition partition = choosePartition(toPartition, scratch);
            partition.requireThere();
            if (key == null && partition.needsKeys()) {
                throw new InvalidRecordException(
                        "record has no key, and the topic is compacted: topic=" + topic.name());
            }
            if (length > partition.messageBytesMax() - BatchLayout.HEADER_LENGTH) {
                throw new RecordTooLargeException("record exceeds max.message.bytes with its overhead: recordBytes="
                        + length + ", overheadBytes=" + BatchLayout.HEADER_LENGTH + ", max.message.bytes="
                        + partition.messageBytesMax() + ", partition=" + partition);
            }
            SendFuture future = new SendFuture(partition, callerWait);
            put(partition, scratch, length, future);
            return future;
        } finally {
            scratches.giveBack(scratch);
        }
    }

    private int encode(
            MutableDirectBuffer target, long timestamp, @Nullable K key, @Nullable V value, List<Header> headers) {
        int at = RecordLayout.HEADER_LENGTH;
        int keyLength = serialize("key", keySerializer, key, target, at);
        at += Math.max(keyLength, 0);
        int valueLength = serialize("value", valueSerializer, value, target, at);
        at += Math.max(valueLength, 0);
        int headersLength = headers.isEmpty() ? 0 : HeadersLayout.put(target, at, headers);
        int length = Math.toIntExact(RecordLayout.length(keyLength, valueLength, headersLength));
        RecordLayout.putHeader(target, 0, timestamp, keyLength, valueLength, headersLength);
        return length;
    }

    private <T> int serialize(
            String what, Serializer<T> serializer, @Nullable T value, MutableDirectBuffer target, int index) {
        if (value == null) {
            return RecordLayout.NULL_LENGTH;
        }
        try {
            return serializer.serialize(value, target, index);
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "serializer failed: " + what + " of class "
                            + value.getClass().getName() + ", topic=" + topic.name(),
                    e);
        }
    }

    private Partition choosePartition(int asked, MutableDirectBuffer record) {
        List<Partition> partitions = topic.partitions();
        int count = partitions.size();
        int chosen = asked;
        if (asked == ProducerRecord.ANY_PARTITION) {
            int keyLength = RecordLayout.keyLength(record, 0);
            chosen = partitioner.partition(record, RecordLayout.keyIndex(0), keyLength, count);
        }
        Partition.requireIndex(chosen, topic.name(), count);
        return partitions.get(chosen);
    }

    private void put(Partition partition, MutableDirectBuffer record, int length, SendFuture future) {
        int code = tryPut(partition, record, length, future);
        if (code == ProduceRing.BACK_PRESSURED) {
            long beganNs = partition.probe().beginBlock();
            int[] answer = {code};
            callerWait.until(
                    () -> (answer[0] = tryPut(partition, record, length, future)) != ProduceRing.BACK_PRESSURED,
                    maxBlock,
                    null);
            code = answer[0];
            partition.probe().onBlocked(beganNs, code != OK);
        }
        if (code == ProduceRing.CLOSED) {
            throw new BrokerClosedException(
                    "the broker takes no more: it was closed, or the lane stopped and the log tells why: partition="
                            + partition,
                    null);
        }
        if (code == ProduceRing.BACK_PRESSURED) {
            throw new BufferExhaustedException("no room in the ring: maxBlock=" + maxBlock
                    + ", recordBytes=" + length + ", partition=" + partition
                    + "; raise maxBlock or ringBytes, or send less");
        }
    }

    private static int tryPut(Partition partition, MutableDirectBuffer record, int length, SendFuture future) {
        boolean isLarge = length > partition.claimBytesMax();
        int claim = isLarge ? partition.claimReference(copy(record, length), future) : partition.claim(length, future);
        if (claim < 0) {
            return claim;
        }
        if (!isLarge) {
            partition.claimBuffer().putBytes(claim, record, 0, length);
        }
        partition.commit(claim);
        return OK;
    }

    private static UnsafeBuffer copy(MutableDirectBuffer record, int length) {
        byte[] bytes = new byte[length];
        record.getBytes(0, bytes);
        return new UnsafeBuffer(bytes);
    }
}
