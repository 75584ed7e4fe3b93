package io.tidemill.idempotence;

/**
 * One producer: its last few batches under its latest epoch, the oldest in front. All of them stand in a ring, linked in the
 * order in which they appended last.
 */
final class ProducerState {
    static final int NOT_FOUND = -1;

    private static final int BATCHES_MAX = ProducerStates.BATCHES_PER_PRODUCER;

    private long id;
    private short epoch;
    private long seenMs;

    /** Of the batches, each in a slot of its own; slots are taken in turn. */
    private final int[] baseSequences = new int[BATCHES_MAX];

    private final int[] recordCounts = new int[BATCHES_MAX];
    private final long[] baseOffsets = new long[BATCHES_MAX];
    private final long[] timestamps = new long[BATCHES_MAX];
    private int batchCount;
    private int lastSlot = BATCHES_MAX - 1;

    /** In the ring; its own where it stands alone. */
    private ProducerState before = this;

    private ProducerState behind = this;

    /** Nothing is known of it. It may have been another producer's. */
    void begin(long producerId, short firstEpoch) {
        id = producerId;
        epoch = firstEpoch;
        batchCount = 0;
    }

    /** What was appended under another epoch does not count any more. */
    void onEpoch(short newEpoch) {
        if (newEpoch != epoch) {
            epoch = newEpoch;
            batchCount = 0;
        }
    }

    void onBatch(int baseSequence, int recordCount, long baseOffset, long timestamp) {
        lastSlot = lastSlot == BATCHES_MAX - 1 ? 0 : lastSlot + 1;
        baseSequences[lastSlot] = baseSequence;
        recordCounts[lastSlot] = recordCount;
        baseOffsets[lastSlot] = baseOffset;
        timestamps[lastSlot] = timestamp;
        batchCount = Math.min(batchCount + 1, BATCHES_MAX);
    }

    void onSeen(long nowMs) {
        seenMs = nowMs;
    }

    /**
     * Where exactly that batch is, as {@link #baseOffset} and the others want it, or {@link #NOT_FOUND}; the last such one,
     * should there be two.
     */
    int find(int baseSequence, int recordCount) {
        int slot = lastSlot;
        for (int i = batchCount - 1; i >= 0; i--) {
            if (baseSequences[slot] == baseSequence && recordCounts[slot] == recordCount) {
                return i;
            }
            slot = slot == 0 ? BATCHES_MAX - 1 : slot - 1;
        }
        return NOT_FOUND;
    }

    /** What its next record is to be numbered. */
    int nextSequence() {
        return ProducerStates.sequence(baseSequences[lastSlot], recordCounts[lastSlot]);
    }

    /** Whether so many batches are known that one in front of them would not be. */
    boolean hasForgotten(long baseOffset) {
        return batchCount == BATCHES_MAX && baseOffset < baseOffset(0);
    }

    long id() {
        return id;
    }

    short epoch() {
        return epoch;
    }

    long seenMs() {
        return seenMs;
    }

    int batchCount() {
        return batchCount;
    }

    int baseSequence(int batch) {
        return baseSequences[slot(batch)];
    }

    int recordCount(int batch) {
        return recordCounts[slot(batch)];
    }

    long baseOffset(int batch) {
        return baseOffsets[slot(batch)];
    }

    long timestamp(int batch) {
        return timestamps[slot(batch)];
    }

    private int slot(int batch) {
        return (lastSlot + 1 + BATCHES_MAX - batchCount + batch) % BATCHES_MAX;
    }

    /** In the ring. */
    ProducerState behind() {
        return behind;
    }

    void linkBefore(ProducerState other) {
        behind = other;
        before = other.before;
        before.behind = this;
        other.before = this;
    }

    void unlink() {
        before.behind = behind;
        behind.before = before;
        before = this;
        behind = this;
    }
}
