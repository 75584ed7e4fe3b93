package io.tidemill.replication.replica;

import io.tidemill.lane.GatheredBatch;
import io.tidemill.ring.RunSink;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A batch on its way to the partition's leader. Owned by the lane thread. */
final class Outgoing {
    private static final long NOT_APPENDED = -1;

    private final GatheredBatch batch;
    /** As it is to be stored; null when it has no record. */
    private final @Nullable UnsafeBuffer bytes;

    private final long sinceNs;
    private short producerEpoch;
    private int baseSequence;
    private boolean isSent;
    /** Where the leader has appended it; those who wait for it may not be told yet. */
    private long baseOffset = NOT_APPENDED;

    private long appendTimeMs;
    private boolean isAnswered;
    /** Whether it was sent to a leader that has not answered: what that one appended may be committed later. */
    private boolean isInDoubt;
    /** Why it was not appended the last time; null when it is not known whether it was. */
    private @Nullable RuntimeException refusal;

    Outgoing(GatheredBatch batch, @Nullable UnsafeBuffer bytes, long sinceNs) {
        this.batch = batch;
        this.bytes = bytes;
        this.sinceNs = sinceNs;
    }

    GatheredBatch batch() {
        return batch;
    }

    boolean isEmpty() {
        return bytes == null;
    }

    UnsafeBuffer bytes() {
        if (bytes == null) {
            throw new IllegalStateException("the batch has no record");
        }
        return bytes;
    }

    long sinceNs() {
        return sinceNs;
    }

    void number(short epoch, int sequence) {
        producerEpoch = epoch;
        baseSequence = sequence;
        isSent = false;
    }

    boolean isNumbered(short epoch, int sequence) {
        return !isEmpty() && producerEpoch == epoch && baseSequence == sequence;
    }

    short producerEpoch() {
        return producerEpoch;
    }

    int baseSequence() {
        return baseSequence;
    }

    boolean isConditional() {
        return batch.expectedOffset() != RunSink.ANY_OFFSET;
    }

    /** Those who wait for it were told. */
    boolean isAnswered() {
        return isAnswered;
    }

    /** As far as those want it who wait for it. */
    void onAppended(long offset, long timeMs) {
        baseOffset = offset;
        appendTimeMs = timeMs;
    }

    boolean isAppended() {
        return baseOffset != NOT_APPENDED;
    }

    /** Where it was appended. */
    void answer() {
        isAnswered = true;
        batch.appended(baseOffset, appendTimeMs);
    }

    void onFailed(RuntimeException cause) {
        isAnswered = true;
        batch.fail(cause);
    }

    boolean isSent() {
        return isSent;
    }

    /** It may be appended from now on. */
    void onSent() {
        isSent = true;
        refusal = null;
    }

    void onUnsent() {
        isSent = false;
        baseOffset = NOT_APPENDED;
    }

    /** It is not known what became of it. */
    void onLost() {
        isInDoubt |= isSent;
        onUnsent();
    }

    boolean isInDoubt() {
        return isInDoubt;
    }

    /** @param cause null when it is not known whether it was appended */
    void onRefused(@Nullable RuntimeException cause) {
        isSent = false;
        refusal = cause;
    }

    @Nullable
    RuntimeException refusal() {
        return refusal;
    }
}
