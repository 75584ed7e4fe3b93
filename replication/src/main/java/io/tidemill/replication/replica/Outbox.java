package io.tidemill.replication.replica;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.NotEnoughReplicasException;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.lane.GatheredBatch;
import io.tidemill.lane.Partition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of this broker have sent to one partition, until its leader has answered. The broker is one producer there:
 * it numbers the records, sends batches again when the leader is another one, and the numbers tell that leader which of them it
 * has. So nothing is lost, doubled or overtaken.
 *
 * <p>No more batches are on their way, counting those behind one that is not answered, than a leader remembers of a producer.
 * Those who wait for all replicas hear of it in that order, and so do those who wait for the leader alone; the latter may overtake the
 * former, unless they are in one batch.
 *
 * <p>When the leader misses something that was told to have been appended (which may be without asking for all replicas), or when a
 * batch was refused with others behind it, the numbers begin anew under the next epoch. A leader that does not know the producer
 * takes any number, so the first batch that it gets travels alone: another one could be taken while that one is refused. So does
 * a batch that wants a certain offset: if it is refused, its numbers are free again, unless a former leader may have appended it.
 *
 * <p>Owned by the lane thread.
 */
final class Outbox {
    private static final long NO_PRODUCER = BatchLayout.NO_PRODUCER_ID;

    private final Partition partition;
    private final ReplicaSettings settings;
    private final Deque<Outgoing> batches = new ArrayDeque<>();
    private long producerId = NO_PRODUCER;
    private short producerEpoch;
    private int nextSequence;
    /** Whether the leader knows the producer under its epoch. */
    private boolean isKnown;
    /** Before that nothing is sent again. */
    private long notBeforeNs;

    private boolean isHeldBack;

    Outbox(Partition partition, ReplicaSettings settings) {
        this.partition = partition;
        this.settings = settings;
    }

    /** The broker is that producer from now on. */
    void onProducerId(long id) {
        producerId = id;
    }

    boolean isReady() {
        return producerId != NO_PRODUCER && batches.size() < ProducerStates.BATCHES_PER_PRODUCER;
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** @param bytes as it is to be stored, but for what the header says of its producer and place; null without a record */
    void add(GatheredBatch batch, @Nullable UnsafeBuffer bytes, long nowNs) {
        Outgoing outgoing = new Outgoing(batch, bytes, nowNs);
        if (bytes != null) {
            outgoing.number(producerEpoch, nextSequence);
            nextSequence = ProducerStates.sequence(nextSequence, batch.recordCount());
        }
        batches.add(outgoing);
    }

    /** Sends what may be sent. Answers how many. */
    int send(LeaderRoute route, long nowMs, long nowNs) {
        if (producerId == NO_PRODUCER || (isHeldBack && nowNs - notBeforeNs < 0)) {
            return 0;
        }
        isHeldBack = false;
        int sent = 0;
        Outgoing next = next();
        while (next != null && trySend(next, route)) {
            sent++;
            // A leader in this broker may have refused it by now.
            next = isHeldBack ? null : next();
        }
        answerAppended(nowMs);
        return sent;
    }

    /** The first one that is not sent; null when there is none, or when it must not be sent yet. */
    private @Nullable Outgoing next() {
        int onTheWay = 0;
        for (Outgoing batch : batches) {
            if (batch.isEmpty()) {
                continue;
            }
            if (!batch.isSent() && !batch.isAnswered()) {
                boolean isAlone = batch.isConditional() || !isKnown;
                return onTheWay < (isAlone ? 1 : ProducerStates.BATCHES_PER_PRODUCER) ? batch : null;
            }
            if (batch.isConditional() && !batch.isAnswered()) {
                return null;
            }
            onTheWay++;
        }
        return null;
    }

    private boolean trySend(Outgoing batch, LeaderRoute route) {
        UnsafeBuffer bytes = batch.bytes();
        bytes.putLong(BatchLayout.PRODUCER_ID, producerId, LITTLE_ENDIAN);
        bytes.putShort(BatchLayout.PRODUCER_EPOCH, batch.producerEpoch(), LITTLE_ENDIAN);
        bytes.putInt(BatchLayout.BASE_SEQUENCE, batch.baseSequence(), LITTLE_ENDIAN);
        // Before, since a leader in this broker may answer at once.
        batch.onSent();
        if (route.append(bytes, batch.batch().awaitsReplicas(), batch.batch().expectedOffset())) {
            return true;
        }
        batch.onUnsent();
        return false;
    }

    /** The leader is another one, or not there for a while: what it was sent may have got lost. */
    void onLeaderLost() {
        for (Outgoing batch : batches) {
            if (!batch.isAnswered()) {
                batch.onLost();
            }
        }
        isHeldBack = false;
        isKnown = false;
    }

    void onAnswer(AppendAnswer answer, long nowMs, long nowNs) {
        Outgoing batch = find(answer);
        if (batch == null || batch.isAnswered() || batch.isAppended()) {
            return;
        }
        switch (answer.code()) {
            case APPENDED -> {
                isKnown |= batch.producerEpoch() == producerEpoch;
                batch.onAppended(answer.baseOffset(), answer.detail());
            }
            case NOT_LEADER -> sendAgain(batch, null, nowNs);
            case NOT_ENOUGH_REPLICAS ->
                sendAgain(
                        batch,
                        new NotEnoughReplicasException("too few replicas are in sync, nothing was appended: inSync="
                                + answer.detail() + ", min.insync.replicas="
                                + partition.settings().minInsyncReplicas() + ", partition=" + partition),
                        nowNs);
            case OUT_OF_ORDER, FENCED -> {
                // Those behind it are told the same, as long as it is missing.
                if (batch == firstUnanswered()) {
                    beginEpoch(batch);
                }
            }
            case OFFSET_MISMATCH ->
                refuse(
                        batch,
                        new OffsetMismatchException(
                                "the partition ends elsewhere, nothing was appended: expectedOffset="
                                        + batch.batch().expectedOffset() + ", endOffset=" + answer.detail()
                                        + ", partition="
                                        + partition));
            case NOT_STORED ->
                refuse(
                        batch,
                        new StorageException(
                                "the leader could not store the record, nothing was appended: partition=" + partition));
            case NOT_FLUSHED ->
                fail(
                        batch,
                        new StorageException(
                                "the record may be stored or not, the leader could not flush it: partition="
                                        + partition));
        }
        answerAppended(nowMs);
    }

    private @Nullable Outgoing find(AppendAnswer answer) {
        if (answer.producerId() != producerId) {
            return null;
        }
        for (Outgoing batch : batches) {
            if (batch.isNumbered(answer.producerEpoch(), answer.baseSequence())) {
                return batch;
            }
        }
        return null;
    }

    private @Nullable Outgoing firstUnanswered() {
        for (Outgoing batch : batches) {
            if (!batch.isAnswered() && !batch.isEmpty()) {
                return batch;
            }
        }
        return null;
    }

    /** And all behind it, which were refused because it was, or will be. */
    private void sendAgain(Outgoing from, @Nullable RuntimeException refusal, long nowNs) {
        boolean isBehind = false;
        for (Outgoing batch : batches) {
            isBehind |= batch == from;
            if (isBehind && !batch.isAnswered()) {
                batch.onUnsent();
            }
        }
        from.onRefused(refusal);
        isHeldBack = true;
        notBeforeNs = nowNs + settings.askAgainNs();
    }

    /** It was not appended and will not be, so those behind it take its numbers, or begin anew if they were sent with theirs. */
    private void refuse(Outgoing refused, RuntimeException cause) {
        if (refused.isInDoubt()) {
            // It may be appended elsewhere, and somebody who has it may lead again: then its numbers are taken.
            fail(refused, inDoubt(cause));
            beginEpoch(refused);
            return;
        }
        fail(refused, cause);
        boolean isBehind = false;
        int sequence = refused.baseSequence();
        for (Outgoing batch : batches) {
            if (isBehind && !batch.isEmpty()) {
                if (batch.isSent() || batch.isAnswered()) {
                    beginEpoch(refused);
                    return;
                }
                batch.number(producerEpoch, sequence);
                sequence = ProducerStates.sequence(sequence, batch.batch().recordCount());
            }
            isBehind |= batch == refused;
        }
        nextSequence = sequence;
    }

    /**
     * What is not answered, from that one on, gets numbers from 0 on under another epoch, and is sent again; but not what a former
     * leader may have appended: if somebody who has it leads again, it would be there twice. What is in front, the leader has.
     */
    private void beginEpoch(Outgoing first) {
        producerEpoch++;
        if (producerEpoch < 0) {
            throw new IllegalStateException("no epoch is left: partition=" + partition + ", producerId=" + producerId);
        }
        nextSequence = 0;
        isKnown = false;
        boolean isBehind = false;
        for (Outgoing batch : batches) {
            isBehind |= batch == first;
            if (!isBehind || batch.isAnswered() || batch.isEmpty()) {
                continue;
            }
            if (batch.isInDoubt()) {
                fail(batch, inDoubt(null));
            } else {
                batch.number(producerEpoch, nextSequence);
                nextSequence =
                        ProducerStates.sequence(nextSequence, batch.batch().recordCount());
            }
        }
        batches.removeIf(Outgoing::isAnswered);
    }

    private UnansweredException inDoubt(@Nullable RuntimeException refusal) {
        return new UnansweredException(
                "a former leader has not answered, and the record may be appended or not: partition=" + partition,
                refusal);
    }

    private void fail(Outgoing batch, RuntimeException cause) {
        partition.probe().onFailed(batch.batch().recordCount());
        batch.onFailed(cause);
        partition.signalWaiting();
    }

    /** Gives up what nobody waits for any more. */
    void expire(long nowMs, long nowNs) {
        answerAppended(nowMs);
        Outgoing oldest = batches.peek();
        while (oldest != null && nowNs - oldest.sinceNs() >= settings.deliveryTimeoutNs()) {
            fail(oldest, timedOut(oldest));
            answerAppended(nowMs);
            oldest = batches.peek();
        }
    }

    private RuntimeException timedOut(Outgoing batch) {
        RuntimeException refusal = batch.refusal();
        return refusal != null && !batch.isInDoubt()
                ? refusal
                : new UnansweredException("no leader has answered, and the record may be appended or not: partition="
                        + partition + ", delivery.timeout.ms=" + settings.deliveryTimeoutNs() / 1_000_000);
    }

    /** Unless somebody who waits for the same has something in front that is not answered. Behind what is not sent, nothing is appended. */
    private void answerAppended(long nowMs) {
        boolean areReplicasAwaited = false;
        boolean isLeaderAwaited = false;
        for (Outgoing batch : batches) {
            if (batch.isAnswered()) {
                continue;
            }
            boolean awaitsReplicas = batch.batch().awaitsReplicas();
            boolean awaitsLeader = batch.batch().awaitsLeader();
            boolean isNext = !(awaitsReplicas && areReplicasAwaited) && !(awaitsLeader && isLeaderAwaited);
            if (isNext && batch.isEmpty()) {
                batch.onAppended(partition.committedAcquire(), nowMs);
            }
            if (isNext && batch.isAppended()) {
                batch.answer();
                partition.signalWaiting();
            } else if (!batch.isEmpty() && !batch.isSent()) {
                break;
            } else {
                areReplicasAwaited |= awaitsReplicas;
                isLeaderAwaited |= awaitsLeader;
            }
        }
        removeAnswered();
    }

    /** From the front: behind one that is not answered, others count as on their way. */
    private void removeAnswered() {
        Outgoing first = batches.peek();
        while (first != null && first.isAnswered()) {
            batches.poll();
            first = batches.peek();
        }
    }

    /** Nothing more is sent. */
    void failAll(RuntimeException cause) {
        for (Iterator<Outgoing> all = batches.iterator(); all.hasNext(); all.remove()) {
            Outgoing batch = all.next();
            if (batch.isAppended() && !batch.isAnswered()) {
                batch.answer();
            } else if (!batch.isAnswered()) {
                fail(batch, cause);
            }
        }
    }
}
