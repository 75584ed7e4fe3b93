package io.tidemill.producer;

import io.tidemill.DeliveryListener;
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
    private final Answers answers;
    private final Scratches scratches = new Scratches();

    public TopicProducer(
            OpenTopic topic,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Partitioner partitioner,
            CallerWait callerWait,
            Duration maxBlock) {
        this(
                topic,
                keySerde,
                valueSerde,
                partitioner,
                callerWait,
                maxBlock,
                (partition, listener) -> new SendFuture(partition, callerWait));
    }

    TopicProducer(
            OpenTopic topic,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Partitioner partitioner,
            CallerWait callerWait,
            Duration maxBlock,
            Answers answers) {
        this.topic = topic;
        this.keySerializer = keySerde.serializer();
        this.valueSerializer = valueSerde.serializer();
        this.partitioner = partitioner;
        this.callerWait = callerWait;
        this.maxBlock = maxBlock;
        this.answers = answers;
    }

    /** As {@link io.tidemill.Topic#send(ProducerRecord)}, with its fields. */
    public CompletableFuture<RecordMetadata> send(
            int toPartition, long timestamp, @Nullable K key, @Nullable V value, List<Header> headers) {
        return send(toPartition, timestamp, key, value, headers, null);
    }

    SendFuture send(
            int toPartition,
            long timestamp,
            @Nullable K key,
            @Nullable V value,
            List<Header> headers,
            @Nullable DeliveryListener listener) {
        ExpandableArrayBuffer scratch = scratches.take();
        try {
            int length = encode(scratch, 0, timestamp, key, value, headers);
            Partition partition = choosePartition(toPartition, scratch);
            partition.requireThere();
            requireKey(partition, key);
            requireFits(partition, length);
            SendFuture answer = answers.newAnswer(partition, listener);
            boolean isLarge = length > partition.claimBytesMax();
            put(partition, isLarge ? copy(scratch, length) : scratch, length, answer, isLarge);
            return answer;
        } finally {
            scratches.giveBack(scratch);
        }
    }

    /** As {@link io.tidemill.Topic#append}. */
    public CompletableFuture<RecordMetadata> append(
            int toPartition, long expectedOffset, List<ProducerRecord<K, V>> records) {
        Partition partition = topic.partition(toPartition);
        if (records.isEmpty() || expectedOffset < 0) {
            throw new IllegalArgumentException("there must be a record, and an offset that it can get: records="
                    + records.size() + ", expectedOffset=" + expectedOffset);
        }
        partition.requireThere();
        ExpandableArrayBuffer scratch = scratches.take();
        try {
            int length = 0;
            for (ProducerRecord<K, V> record : records) {
                if (record.partition() != ProducerRecord.ANY_PARTITION && record.partition() != toPartition) {
                    throw new IllegalArgumentException("record is for another partition: partition="
                            + record.partition() + ", appendedTo=" + partition);
                }
                requireKey(partition, record.key());
                length += encode(scratch, length, record.timestamp(), record.key(), record.value(), record.headers());
                requireFits(partition, length);
            }
            SendFuture answer = new ConditionalSend(partition, callerWait, expectedOffset);
            put(partition, copy(scratch, length), length, answer, true);
            return answer;
        } finally {
            scratches.giveBack(scratch);
        }
    }

    private void requireKey(Partition partition, @Nullable K key) {
        if (key == null && partition.needsKeys()) {
            throw new InvalidRecordException("record has no key, and the topic is compacted: topic=" + topic.name());
        }
    }

    private static void requireFits(Partition partition, int length) {
        if (length > partition.messageBytesMax() - BatchLayout.HEADER_LENGTH) {
            throw new RecordTooLargeException("record exceeds max.message.bytes with its overhead: recordBytes="
                    + length + ", overheadBytes=" + BatchLayout.HEADER_LENGTH + ", max.message.bytes="
                    + partition.messageBytesMax() + ", partition=" + partition);
        }
    }

    /** Behind {@code record}, where nothing is yet; answers how long it is. */
    private int encode(
            MutableDirectBuffer target,
            int record,
            long timestamp,
            @Nullable K key,
            @Nullable V value,
            List<Header> headers) {
        int at = record + RecordLayout.HEADER_LENGTH;
        int keyLength = serialize("key", keySerializer, key, target, at);
        at += Math.max(keyLength, 0);
        int valueLength = serialize("value", valueSerializer, value, target, at);
        at += Math.max(valueLength, 0);
        int headersLength = headers.isEmpty() ? 0 : HeadersLayout.put(target, at, headers);
        int length = Math.toIntExact(RecordLayout.length(keyLength, valueLength, headersLength));
        // The zeros behind it belong to it, and nothing has made room for those.
        target.checkLimit(record + length);
        RecordLayout.putHeader(target, record, timestamp, keyLength, valueLength, headersLength);
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

    private void put(
            Partition partition, MutableDirectBuffer records, int length, SendFuture answer, boolean byReference) {
        int code = tryPut(partition, records, length, answer, byReference);
        if (code == ProduceRing.BACK_PRESSURED) {
            long beganNs = partition.probe().beginBlock();
            int[] last = {code};
            callerWait.until(
                    () -> (last[0] = tryPut(partition, records, length, answer, byReference))
                            != ProduceRing.BACK_PRESSURED,
                    maxBlock,
                    null);
            code = last[0];
            partition.probe().onBlocked(beganNs, code != OK);
        }
        if (code == ProduceRing.CLOSED) {
            throw new BrokerClosedException(
                    "the broker takes no more: it was closed, or the lane stopped and the log tells why: partition="
                            + partition,
                    null);
        }
        if (code == ProduceRing.BACK_PRESSURED) {
            answer.refuse(new BufferExhaustedException("no room in the ring: maxBlock=" + maxBlock
                    + ", recordBytes=" + length + ", partition=" + partition
                    + "; raise maxBlock or ringBytes, or send less"));
        }
    }

    private static int tryPut(
            Partition partition, MutableDirectBuffer records, int length, SendFuture answer, boolean byReference) {
        int claim =
                byReference ? partition.claimReference(records, answer.sink()) : partition.claim(length, answer.sink());
        if (claim < 0) {
            return claim;
        }
        answer.onClaimed();
        if (!byReference) {
            partition.claimBuffer().putBytes(claim, records, 0, length);
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
