package io.tidemill.metrics;

import io.tidemill.spi.Clock;
import io.tidemill.spi.LogObserver;
import org.jspecify.annotations.Nullable;

/**
 * Where those who work on a partition say what they did: it is counted, and told to whoever listens. Without a listener that
 * is a few additions for each batch.
 */
public final class PartitionProbe implements LogObserver {
    private final String topic;
    private final int partition;
    private final Clock clock;
    private final @Nullable GuardedListener listener;
    private final PartitionCounters counters = new PartitionCounters();
    /** Owned by the lane thread. */
    private FlightEvents flight = FlightEvents.NONE;

    PartitionProbe(String topic, int partition, Clock clock, @Nullable GuardedListener listener) {
        this.topic = topic;
        this.partition = partition;
        this.clock = clock;
        this.listener = listener;
    }

    public String topic() {
        return topic;
    }

    public int partition() {
        return partition;
    }

    public PartitionCounters counters() {
        return counters;
    }

    /** Lane thread. Answers what {@link #onAppended} wants to be given. */
    public long beginAppend() {
        flight = FlightEvents.of(flight);
        flight.onAppendBegun();
        return nowNs();
    }

    /** The clock is read only if somebody wants to know. */
    private long nowNs() {
        return listener == null ? 0 : clock.nowNs();
    }

    /** Lane thread. */
    public void onAppended(long beganNs, long baseOffset, int records, int bytes) {
        counters.onAppended(records, bytes);
        flight.onAppended(topic, partition, baseOffset, records, bytes);
        if (listener != null) {
            long tookNs = clock.nowNs() - beganNs;
            listener.tell(user -> user.onAppend(topic, partition, records, bytes, tookNs));
        }
    }

    /** Lane thread. Answers what {@link #onFlushed} wants to be given. */
    public long beginFlush() {
        flight = FlightEvents.of(flight);
        flight.onFlushBegun();
        return nowNs();
    }

    /** Lane thread. */
    public void onFlushed(long beganNs) {
        counters.onFlushed();
        flight.onFlushed(topic, partition);
        if (listener != null) {
            long tookNs = clock.nowNs() - beganNs;
            listener.tell(user -> user.onFlush(topic, partition, tookNs));
        }
    }

    /** Lane thread. */
    public void onFailed(int records) {
        if (records == 0) {
            return;
        }
        counters.onFailed(records);
        if (listener != null) {
            listener.tell(user -> user.onFail(topic, partition, records));
        }
    }

    @Override
    public void onRollBegun() {
        flight = FlightEvents.of(flight);
        flight.onRollBegun();
    }

    @Override
    public void onRolled(long endOffset, long bytes) {
        counters.onRolled();
        flight.onRolled(topic, partition, endOffset, bytes);
        if (listener != null) {
            listener.tell(user -> user.onRoll(topic, partition, bytes));
        }
    }

    @Override
    public void onDeleted(long startOffset, long bytes) {
        counters.onDeleted(bytes);
        if (listener != null) {
            listener.tell(user -> user.onDelete(topic, partition, startOffset, bytes));
        }
    }

    /** A send begins to wait for room. Its thread. Answers what {@link #onBlocked} wants to be given. */
    public long beginBlock() {
        return nowNs();
    }

    /** A send has waited for room. Its thread. */
    public void onBlocked(long beganNs, boolean isRefused) {
        counters.onBlocked(isRefused);
        if (listener != null) {
            long waitedNs = clock.nowNs() - beganNs;
            listener.tell(user -> user.onBlock(topic, partition, waitedNs, isRefused));
        }
    }

    /** Records of one batch went to a consumer. Its thread. */
    public void onRead(int records, int bytes) {
        if (records == 0) {
            return;
        }
        counters.onRead(records, bytes);
        if (listener != null) {
            listener.tell(user -> user.onRead(topic, partition, records, bytes));
        }
    }
}
