package io.tidemill.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.DeadLetterHeaders;
import io.tidemill.Header;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.batch.HeadersLayout;
import io.tidemill.batch.RecordLayout;
import io.tidemill.errors.PoisonRecordException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RecordView;
import io.tidemill.runtime.DeferredInterrupt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends records that cannot be handled to another topic. Their bytes are read once more from where they lie: the handler got
 * objects, and there may be no serializer that makes the same bytes of them, or nothing could be made of the bytes at all.
 */
public final class DeadLetters implements PoisonRecords {
    /** Long enough to say what happened; some exceptions quote a whole document, and headers count for the record's size. */
    private static final int MESSAGE_CHARS_MAX = 1_000;

    private final Topic<byte[], byte[]> target;
    private final Function<TopicPartition, RawConsumer> sources;

    /**
     * @param target where they go
     * @param sources finds the partitions that they come from
     */
    public DeadLetters(Topic<byte[], byte[]> target, Function<TopicPartition, RawConsumer> sources) {
        this.target = target;
        this.sources = sources;
    }

    @Override
    public void take(TopicPartition partition, long offset, Exception failure) {
        if (!copy(partition, offset, failure)) {
            throw new PoisonRecordException(
                    "compaction took the record meanwhile: partition=" + partition + ", offset=" + offset);
        }
    }

    /**
     * Sends a copy, and waits until that is acknowledged.
     *
     * @return whether there is such a record
     * @throws PoisonRecordException when the copy is not known to be there
     */
    public boolean copy(TopicPartition partition, long offset, Exception failure) {
        try {
            // The record in hand is finished even if the caller's thread was interrupted.
            return DeferredInterrupt.call(() -> {
                List<ProducerRecord<byte[], byte[]>> letters = letters(partition, offset, failure);
                letters.forEach(letter -> target.send(letter).join());
                return !letters.isEmpty();
            });
        } catch (RuntimeException e) {
            Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            PoisonRecordException unsent = new PoisonRecordException(
                    PoisonRecords.message(partition, offset)
                            + ", and the dead letter was not acknowledged: deadLetterTopic=" + target.name(),
                    cause);
            unsent.addSuppressed(failure);
            throw unsent;
        }
    }

    /** One, or none where there is no such record any more. */
    private List<ProducerRecord<byte[], byte[]>> letters(TopicPartition partition, long offset, Exception failure) {
        List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>(1);
        try (RawConsumer source = sources.apply(partition)) {
            source.seek(offset);
            source.poll(
                    record -> {
                        if (record.offset() == offset) {
                            letters.add(letter(partition, record, failure));
                        }
                    },
                    1);
        }
        return letters;
    }

    private static ProducerRecord<byte[], byte[]> letter(
            TopicPartition partition, RecordView record, Exception failure) {
        List<Header> headers =
                new ArrayList<>(HeadersLayout.get(record.buffer(), record.headersIndex(), record.headersLength()));
        headers.add(header(DeadLetterHeaders.TOPIC, partition.topic()));
        headers.add(header(DeadLetterHeaders.PARTITION, Integer.toString(partition.partition())));
        headers.add(header(DeadLetterHeaders.OFFSET, Long.toString(record.offset())));
        headers.add(header(DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp())));
        headers.add(header(DeadLetterHeaders.EXCEPTION, failure.getClass().getName()));
        headers.add(header(DeadLetterHeaders.MESSAGE, cut(failure.getMessage())));
        return new ProducerRecord<>(
                ProducerRecord.ANY_PARTITION,
                ProducerRecord.NO_TIMESTAMP,
                bytes(record.buffer(), record.keyIndex(), record.keyLength()),
                bytes(record.buffer(), record.valueIndex(), record.valueLength()),
                headers);
    }

    private static Header header(String key, @Nullable String value) {
        return new Header(key, value == null ? null : value.getBytes(UTF_8));
    }

    private static @Nullable String cut(@Nullable String message) {
        return message == null || message.length() <= MESSAGE_CHARS_MAX
                ? message
                : message.substring(0, MESSAGE_CHARS_MAX);
    }

    private static byte @Nullable [] bytes(DirectBuffer buffer, int index, int length) {
        return length == RecordLayout.NULL_LENGTH
                ? null
                : Serdes.bytes().deserializer().deserialize(buffer, index, length);
    }
}
