package io.tidemill.lane;

import io.tidemill.IsolationLevel;
import io.tidemill.PartitionMetrics;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.metrics.PartitionProbe;
import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.ArrayUtil;
import org.jspecify.annotations.Nullable;

/**
 * One partition, as the threads see it that produce to it and consume from it: everything they may do with a partition
 * goes through here. The other side of it is {@link PartitionWriter}, on the lane.
 */
public final class Partition {
    private final PartitionProbe probe;
    private final ProduceRing ring;
    private final int slot;
    private final PartitionLog log;
    private final DeliveryQueue deliveries;
    private final LingerStart lingerStart;
    private final OffsetWord committed;
    private final long openedEndOffset;
    private final Troubles troubles = new Troubles();
    private final PartitionGauges gauges;
    private final AtomicReference<Wakeup[]> waiting = new AtomicReference<>(new Wakeup[0]);
    private volatile TopicSettings settings;
    private volatile boolean needsKeys;
    private volatile boolean lingers;
    private volatile boolean isRemoved;
    private volatile boolean isEndUncertain;

    Partition(PartitionProbe probe, TopicSettings settings, Lane lane, int slot, PartitionLog log) {
        this.probe = probe;
        this.settings = settings;
        this.needsKeys = settings.log().cleanup().policy().compacts();
        this.lingers = settings.lingerMs() > 0;
        this.ring = lane.ring();
        this.slot = slot;
        this.log = log;
        this.deliveries = lane.deliveries();
        this.lingerStart = new LingerStart(lane.clock());
        this.openedEndOffset = log.endOffset();
        this.committed = new OffsetWord(openedEndOffset);
        this.gauges = new PartitionGauges(this);
        log.observedBy(probe);
    }

    public String topic() {
        return probe.topic();
    }

    public int index() {
        return probe.partition();
    }

    /** How users name it. */
    public TopicPartition id() {
        return new TopicPartition(topic(), index());
    }

    /** Of its topic, as they are now. */
    public TopicSettings settings() {
        return settings;
    }

    /** The largest batch it takes, header included; so this bounds a record too. */
    public int messageBytesMax() {
        return settings.maxMessageBytes();
    }

    /** Whether it takes no record without a key. */
    public boolean needsKeys() {
        return needsKeys;
    }

    /** From now on it has other settings. Any thread, one at a time. */
    void alter(TopicSettings newSettings) {
        log.alter(newSettings.log());
        settings = newSettings;
        needsKeys = newSettings.log().cleanup().policy().compacts();
        lingers = newSettings.lingerMs() > 0;
        // What lingers has waited for as long as it should under the former ones.
        ring.signal();
    }

    /** From now on nobody gets anything from it or into it: its topic is gone. Any thread. */
    void markRemoved() {
        isRemoved = true;
        signalWaiting();
    }

    /** Whether {@link #requireThere} refuses it. */
    public boolean isRemoved() {
        return isRemoved;
    }

    /**
     * Refuses a partition that was there and is not any more.
     *
     * @throws UnknownTopicOrPartitionException when its topic was deleted
     */
    public void requireThere() {
        if (isRemoved) {
            throw removed();
        }
    }

    UnknownTopicOrPartitionException removed() {
        return new UnknownTopicOrPartitionException("the topic was deleted: partition=" + this);
    }

    /** The longest run that {@link #claim} takes; longer ones go by {@link #claimReference}. */
    public int claimBytesMax() {
        return ring.runBytesMax();
    }

    /** Where claims are encoded. */
    public MutableDirectBuffer claimBuffer() {
        return ring.buffer();
    }

    /** As {@link ProduceRing#claim}. Any thread. */
    public int claim(int runLength, @Nullable RunSink sink) {
        return ring.claim(slot, runLength, sink);
    }

    public void commit(int claim) {
        if (lingers) {
            lingerStart.mark();
        }
        ring.commit(claim);
    }

    public void abort(int claim) {
        ring.abort(claim);
    }

    /** As {@link ProduceRing#claimReference}; to be committed as a {@link #claim} is. Any thread. */
    public int claimReference(DirectBuffer records, @Nullable RunSink sink) {
        return ring.claimReference(slot, records, sink);
    }

    /**
     * Refuses a partition that a topic does not have.
     *
     * @throws UnknownTopicOrPartitionException when the index is not one of them
     */
    public static void requireIndex(int index, String topic, int count) {
        if (index < 0 || index >= count) {
            throw new UnknownTopicOrPartitionException(
                    "no such partition: partition=" + index + ", topic=" + topic + ", partitions=" + count);
        }
    }

    /** Inclusive; the first offset that can be read. */
    public long startOffset() {
        return log.startOffset();
    }

    /** Exclusive; everything below it is appended and may be read. Orders those reads behind this call. */
    public long committedAcquire() {
        return committed.acquire();
    }

    /** Whether others may know of more that is committed: then a position behind {@link #committedAcquire} is none that is wrong. */
    public boolean isEndUncertain() {
        return isEndUncertain;
    }

    /** Lane thread. */
    public void endUncertain(boolean isUncertain) {
        isEndUncertain = isUncertain;
    }

    /** Exclusive; all that it had when the broker was opened: what was known of more before was lost with the machine. */
    public long openedEndOffset() {
        return openedEndOffset;
    }

    /**
     * Exclusive; how far who reads with that isolation may read, and before which everything can be found. As {@link
     * #committedAcquire}, as long as there are no transactions.
     */
    public long readableEnd(IsolationLevel isolation) {
        return switch (isolation) {
            case READ_UNCOMMITTED, READ_COMMITTED -> committedAcquire();
        };
    }

    /** As {@link PartitionLog#awaitBounds}; while a cursor is open, they are known. */
    public void awaitBounds() {
        log.awaitBounds();
    }

    /**
     * A new reader of its log, at the start.
     *
     * @throws UnknownTopicOrPartitionException when its topic was deleted
     */
    public LogCursor newCursor() {
        try {
            return log.newCursor();
        } catch (IllegalStateException e) {
            // Closed: with the broker, or for that reason.
            requireThere();
            throw e;
        }
    }

    /** From now on that wakeup is signalled whenever more is committed or a run was answered. */
    public void addWaiting(Wakeup wakeup) {
        waiting.updateAndGet(all -> ArrayUtil.add(all, wakeup));
    }

    public void removeWaiting(Wakeup wakeup) {
        waiting.updateAndGet(all -> ArrayUtil.remove(all, wakeup));
    }

    /** Where its answers go on their way to the user. Lane thread. */
    public DeliveryQueue deliveries() {
        return deliveries;
    }

    /**
     * Publishes what another broker appended to the log or took from it; answers whether there was something. Any thread,
     * where nothing is appended by ourselves.
     */
    public synchronized boolean refresh() {
        log.refresh();
        long endOffset = log.endOffset();
        if (endOffset == committed.acquire()) {
            return false;
        }
        committed.release(endOffset);
        signalWaiting();
        return true;
    }

    /** From now on everything below it may be read. Lane thread. */
    public void committedRelease(long endOffset) {
        committed.release(endOffset);
    }

    /** After {@link #committedRelease}, and when the broker stops. */
    public void signalWaiting() {
        for (Wakeup wakeup : waiting.get()) {
            wakeup.signal();
        }
    }

    /** Where it is told what was done with it. */
    public PartitionProbe probe() {
        return probe;
    }

    /** What it tells of itself. */
    public PartitionMetrics metrics() {
        return gauges;
    }

    /** What does not work with it for now, a sentence each. Any thread. */
    public List<String> troubles() {
        List<String> sentences = troubles.sentences();
        Throwable failure = log.failure();
        if (failure != null && !troubles.has(Troubles.Kind.FLUSH)) {
            sentences.add("it can be flushed no more, open the broker again: reason=" + failure.getMessage());
        }
        return sentences;
    }

    Troubles trouble() {
        return troubles;
    }

    /** Nothing could be appended; it shows until something can. Lane thread. */
    public void onAppendFailed(TidemillException cause) {
        troubles.begin(Troubles.Kind.APPEND, cause);
    }

    /** Lane thread, but for those who only look. */
    public PartitionLog log() {
        return log;
    }

    LingerStart lingerStart() {
        return lingerStart;
    }

    int slot() {
        return slot;
    }

    @Override
    public String toString() {
        return topic() + "-" + index();
    }
}
