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

    /** When something begins whose end is told; the clock is read only if somebody wants to know. */
    public long beginNs() {
        return listener == null ? 0 : clock.nowNs();
    }

    /** Lane thread. */
    public void onAppended(long beganNs, int records, int bytes) {
        counters.onAppended(records, bytes);
        if (listener != null) {
            long tookNs = clock.nowNs() - beganNs;
            listener.tell(user -> user.onAppend(topic, partition, records, bytes, tookNs));
        }
    }

    /** Lane thread. */
    public void onFlushed(long beganNs) {
        counters.onFlushed();
        if (listener != null) {
            long tookNs = clock.nowNs() - beganNs;
            listener.tell(user -> user.onFlush(topic, partition, tookNs));
        }
    }

    /** Lane thread. */
    public void onFailed(int records) {
        counters.onFailed(records);
        if (listener != null) {
            listener.tell(user -> user.onFail(topic, partition, records));
        }
    }

    @Override
    public void onRollBegun() {}

    @Override
    public void onRolled(long endOffset, long bytes) {
        counters.onRolled();
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
