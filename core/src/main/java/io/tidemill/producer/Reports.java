package io.tidemill.producer;

import io.tidemill.Acks;
import io.tidemill.DeliveryListener;
import io.tidemill.FullRingPolicy;
import io.tidemill.ProducerInterceptor;
import io.tidemill.ProducerSettings;
import io.tidemill.RecordMetadata;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.CallerWait;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The account of one producer: how many records it accepted, what became of them, which are open, and who is told. */
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private final Acks acks;
    private final boolean dropsNewest;
    private final CallerWait callerWait;
    /** Of all records. */
    private final List<DeliveryListener> listeners = new ArrayList<>();

    private final AtomicReference<@Nullable OpenSends[]> byPartition = new AtomicReference<>(new OpenSends[0]);
    private final LongAdder accepted = new LongAdder();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    <K, V> Reports(ProducerSettings<K, V> settings, CallerWait callerWait) {
        this.acks = settings.acks();
        this.dropsNewest = settings.fullRing() == FullRingPolicy.DROP_NEWEST;
        this.callerWait = callerWait;
        for (ProducerInterceptor<K, V> interceptor : settings.interceptors()) {
            listeners.add(interceptor::onAcknowledgement);
        }
        if (settings.listener() != null) {
            listeners.add(settings.listener());
        }
    }

    /** Whether a record is acknowledged when it is appended, and not before. */
    boolean areAwaited() {
        return acks != Acks.NONE;
    }

    /** Whether a record is acknowledged when all replicas in sync have it, and not before. */
    boolean awaitReplicas() {
        return acks == Acks.ALL;
    }

    boolean dropsNewest() {
        return dropsNewest;
    }

    ReportedSend newSend(Partition partition, @Nullable DeliveryListener listener) {
        return new ReportedSend(partition, callerWait, this, listener);
    }

    /** Before the lane can see the record, so that none is answered that was not counted. */
    void onAccepted(ReportedSend send, Partition partition) {
        accepted.increment();
        OpenSends open = openSends(partition);
        if (areAwaited()) {
            open.add(send);
        }
    }

    private OpenSends openSends(Partition partition) {
        @Nullable OpenSends[] all = byPartition.get();
        OpenSends known = partition.index() < all.length ? all[partition.index()] : null;
        return known != null ? known : begin(partition);
    }

    private OpenSends begin(Partition partition) {
        int index = partition.index();
        OpenSends begun = new OpenSends(partition, newSend(partition, null));
        @Nullable
        OpenSends[] all = byPartition.updateAndGet(now -> {
            if (index < now.length && now[index] != null) {
                return now;
            }
            @Nullable OpenSends[] more = Arrays.copyOf(now, Math.max(now.length, index + 1));
            more[index] = begun;
            return more;
        });
        return Objects.requireNonNull(all[index]);
    }

    /** Of every partition that something was sent to. */
    List<OpenSends> all() {
        return Arrays.stream(byPartition.get()).filter(Objects::nonNull).toList();
    }

    void onDelivered(Partition partition) {
        openSends(partition).removeReported();
    }

    /** Once for each accepted record. */
    void onAnswered(RecordMetadata place, @Nullable DeliveryListener own, @Nullable RuntimeException failure) {
        (failure == null ? acknowledged : failed).incrementAndGet();
        tell(place, own, failure);
    }

    /** Once for each record that was not accepted, where that is no mistake. */
    void onDropped(RecordMetadata place, @Nullable DeliveryListener own, RuntimeException cause) {
        dropped.incrementAndGet();
        tell(place, own, cause);
    }

    private void tell(RecordMetadata place, @Nullable DeliveryListener own, @Nullable RuntimeException failure) {
        for (int i = 0; i < listeners.size(); i++) {
            tellOne(listeners.get(i), place, failure);
        }
        if (own != null) {
            tellOne(own, place, failure);
        }
    }

    private static void tellOne(DeliveryListener listener, RecordMetadata place, @Nullable RuntimeException failure) {
        try {
            listener.onDelivery(place, failure);
        } catch (Throwable e) {
            // Code of the user: the others still have to hear of their records.
            LOG.warn(
                    "delivery listener failed: partition={}-{}, offset={}",
                    place.topic(),
                    place.partition(),
                    place.offset(),
                    e);
        }
    }

    /** What is neither acknowledged nor failed. */
    long open() {
        // In this order: what is answered was accepted before.
        long answered = acknowledged() + failed();
        return accepted() - answered;
    }

    long accepted() {
        return accepted.sum();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    long failed() {
        return failed.get();
    }

    long dropped() {
        return dropped.get();
    }
}
