package io.tidemill.idempotence;

import io.tidemill.batch.BatchLayout;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What a partition knows of the producers that number their records: for each of them its epoch and its last few batches.
 * From that it tells whether a batch that comes is the next one, or was here before (promise E01). It means what Kafka's
 * {@code ProducerStateManager} means.
 *
 * <p>{@link #onAppended} alone changes what is known, on a leader, on a follower and when a log is read again; so the same
 * log gives the same knowledge. It judges nothing: what is in the log is so. {@link #check} judges, and changes nothing.
 *
 * <p>A producer that is not known may begin anywhere: what it sent before may have been deleted or be too long ago. A producer
 * is forgotten when it was silent for long, or when too many others were not. Silence is counted from when its batch was
 * seen, not from the times of its records, which may be of last year.
 *
 * <p>Owned by the lane thread. Nothing is allocated for a producer that is known.
 */
public final class ProducerStates {
    /** As in Kafka: a producer may have so many batches on their way, so each of these may come again. */
    public static final int BATCHES_PER_PRODUCER = 5;
    /** Kafka's default of {@code producer.id.expiration.ms}: a day. */
    public static final long EXPIRATION_MS = TimeUnit.DAYS.toMillis(1);
    /** About 300 bytes of memory and 150 of a snapshot for each; with more of them a snapshot would hold up the lane. */
    public static final int PRODUCERS_MAX = 4_096;

    /** A lane that finds many of them silent does something else in between. */
    private static final int EXPIRED_AT_A_TIME = 64;

    private final long expirationMs;
    private final int producersMax;
    private final Long2ObjectHashMap<ProducerState> byId = new Long2ObjectHashMap<>();
    /** Stands in the ring behind the one that appended last, and in front of the one that is silent for the longest time. */
    private final ProducerState end = new ProducerState();

    /** Of the last check. */
    private long originalBaseOffset;

    private long originalTimestamp;
    private int expectedSequence;
    private short currentEpoch;

    public ProducerStates() {
        this(EXPIRATION_MS, PRODUCERS_MAX);
    }

    ProducerStates(long expirationMs, int producersMax) {
        this.expirationMs = expirationMs;
        this.producersMax = producersMax;
    }

    /** The number of the record that comes so many behind another one; behind the largest number comes 0. */
    public static int sequence(int sequence, int records) {
        return (sequence + records) & Integer.MAX_VALUE;
    }

    /** Judges a batch before it is appended; the answer's details are told by the accessors below, until the next check. */
    public SequenceVerdict check(long producerId, short producerEpoch, int baseSequence, int recordCount) {
        if (producerId < 0 || producerEpoch < 0 || baseSequence < 0 || recordCount < 1) {
            throw new IllegalArgumentException("not a numbered batch: producerId=" + producerId + ", producerEpoch="
                    + producerEpoch + ", baseSequence=" + baseSequence + ", recordCount=" + recordCount);
        }
        ProducerState producer = byId.get(producerId);
        if (producer == null) {
            return SequenceVerdict.NEXT;
        }
        currentEpoch = producer.epoch();
        if (producerEpoch < currentEpoch) {
            return SequenceVerdict.FENCED;
        }
        expectedSequence = 0;
        if (producerEpoch == currentEpoch) {
            int batch = producer.find(baseSequence, recordCount);
            if (batch != ProducerState.NOT_FOUND) {
                originalBaseOffset = producer.baseOffset(batch);
                originalTimestamp = producer.timestamp(batch);
                return SequenceVerdict.DUPLICATE;
            }
            expectedSequence = producer.nextSequence();
        }
        return baseSequence == expectedSequence ? SequenceVerdict.NEXT : SequenceVerdict.OUT_OF_ORDER;
    }

    /** Of a duplicate: where it is. */
    public long originalBaseOffset() {
        return originalBaseOffset;
    }

    /** Of a duplicate: the newest time of its records. */
    public long originalTimestamp() {
        return originalTimestamp;
    }

    /** Of a batch that is out of order: what it should have begun with. */
    public int expectedSequence() {
        return expectedSequence;
    }

    /** Of one that is fenced: the producer's latest epoch. */
    public short currentEpoch() {
        return currentEpoch;
    }

    /**
     * A batch is in the log, by whomever and whenever it was appended. One that no producer numbered changes nothing.
     *
     * @param nowMs when this was seen
     */
    public void onAppended(DirectBuffer buffer, int batch, long nowMs) {
        int baseSequence = BatchLayout.baseSequence(buffer, batch);
        if (baseSequence == BatchLayout.NO_SEQUENCE) {
            return;
        }
        long baseOffset = BatchLayout.baseOffset(buffer, batch);
        ProducerState producer =
                touch(BatchLayout.producerId(buffer, batch), BatchLayout.producerEpoch(buffer, batch), nowMs);
        // Compaction may have taken records; the offsets are as many as there were.
        int recordCount = (int) (BatchLayout.endOffset(buffer, batch) - baseOffset);
        producer.onBatch(baseSequence, recordCount, baseOffset, BatchLayout.newestTimestamp(buffer, batch));
    }

    /** The producer has appended, or is known to have: it goes to the end. Answers it, ready for what it appended. */
    ProducerState touch(long producerId, short epoch, long seenMs) {
        ProducerState producer = byId.get(producerId);
        if (producer == null) {
            producer = byId.size() < producersMax ? new ProducerState() : forget(end.behind());
            producer.begin(producerId, epoch);
            byId.put(producerId, producer);
        } else {
            producer.onEpoch(epoch);
        }
        if (producer.behind() != end) {
            producer.unlink();
            producer.linkBefore(end);
        }
        producer.onSeen(seenMs);
        return producer;
    }

    private ProducerState forget(ProducerState producer) {
        producer.unlink();
        byId.remove(producer.id());
        return producer;
    }

    /** Forgets producers that were silent for too long, some at a time; answers how many. */
    public int expire(long nowMs) {
        int count = 0;
        while (count < EXPIRED_AT_A_TIME
                && end.behind() != end
                && isExpired(end.behind().seenMs(), nowMs)) {
            forget(end.behind());
            count++;
        }
        return count;
    }

    /** Whether what was last heard of at that time need not be remembered. */
    public boolean isExpired(long seenMs, long nowMs) {
        return nowMs - seenMs >= expirationMs;
    }

    /** Whether the producer is known to have appended so much since that a batch there would not be known any more. */
    public boolean hasForgotten(long producerId, long baseOffset) {
        ProducerState producer = byId.get(producerId);
        return producer != null && producer.hasForgotten(baseOffset);
    }

    /** How many are known. */
    public int size() {
        return byId.size();
    }

    /** All of them, the one that is silent for the longest time first. */
    void forEach(Consumer<ProducerState> visitor) {
        for (ProducerState producer = end.behind(); producer != end; producer = producer.behind()) {
            visitor.accept(producer);
        }
    }

    /** Knows nothing any more. */
    void clear() {
        byId.clear();
        end.unlink();
    }
}
