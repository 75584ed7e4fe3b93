package io.tidemill.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.tidemill.ClusterMetrics;
import io.tidemill.LaneMetrics;
import io.tidemill.MetricsListener;
import io.tidemill.PartitionMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a registry's meters for one broker, from when the broker is opened until this is closed: meters come with partitions
 * that are created, and go with those that are deleted.
 *
 * <pre>{@code
 * TidemillMeters meters = new TidemillMeters(registry, Tags.of("broker", "orders"));
 * Broker broker = Broker.open(storage, settings, Seams.system().withMetricsListener(meters));
 * }</pre>
 *
 * <p>With tags {@code topic} and {@code partition}: the timers {@code tidemill.append}, one batch each, {@code
 * tidemill.flush} and {@code tidemill.send.blocked}; the counters {@code tidemill.append.records}, {@code
 * tidemill.append.bytes}, {@code tidemill.append.failed}, {@code tidemill.send.refused}, {@code tidemill.read.records},
 * {@code tidemill.read.bytes}, {@code tidemill.log.rolls} and {@code tidemill.log.deleted}; and the gauges {@code
 * tidemill.log.size}, {@code tidemill.log.start.offset} and {@code tidemill.log.end.offset}. With the tag {@code lane}: the
 * gauges {@code tidemill.ring.used} and {@code tidemill.ring.size}. What they mean is told by {@link PartitionMetrics} and
 * {@link LaneMetrics}.
 *
 * <p>For a broker of a cluster, too, as told by {@link ClusterMetrics}: the gauges {@code tidemill.cluster.controller.id}, {@code
 * controller.epoch}, {@code metadata.epoch}, {@code brokers.active}, {@code brokers.inactive}, {@code partitions.offline}, {@code
 * partitions.under.replicated}, {@code partitions.led}, {@code active} and {@code follower.lag.max}; the counters {@code
 * tidemill.cluster.leader.changes}, {@code in.sync.shrinks}, {@code in.sync.expansions}, {@code controller.changes}, {@code
 * replicated.out.records}, {@code replicated.out.bytes}, {@code replicated.in.records}, {@code replicated.in.bytes} and {@code
 * frames.foreign}; and with the tag {@code peer} the gauges {@code tidemill.peer.connected} and {@code tidemill.peer.round.trip}, and
 * the counter {@code tidemill.peer.frames.resent}.
 *
 * <p>One broker at a time; brokers that share a registry need tags that tell them apart. Thread-safe.
 */
public final class TidemillMeters implements MetricsListener, AutoCloseable {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<String, Map<Integer, PartitionMeters>> partitions = new ConcurrentHashMap<>();
    /** Their gauges alone would let go of them. */
    private final List<LaneMetrics> lanes = new ArrayList<>();

    private final List<Meter> laneMeters = new ArrayList<>();
    private @Nullable ClusterMeters cluster;
    private boolean closed;

    /**
     * Has no meters before it is given to a broker.
     *
     * @param registry gets the meters
     * @param tags of each of them, beside its own
     */
    public TidemillMeters(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
    }

    @Override
    public synchronized void onLaneOpened(LaneMetrics lane) {
        if (closed) {
            return;
        }
        Tags laneTags = tags.and("lane", lane.name());
        lanes.add(lane);
        laneMeters.add(Gauge.builder("tidemill.ring.used", lane, LaneMetrics::ringUsedBytes)
                .description("what was accepted and is not yet taken out of the ring")
                .baseUnit(BaseUnits.BYTES)
                .tags(laneTags)
                .register(registry));
        laneMeters.add(Gauge.builder("tidemill.ring.size", lane, LaneMetrics::ringBytes)
                .description("how much the ring holds when it is full")
                .baseUnit(BaseUnits.BYTES)
                .tags(laneTags)
                .register(registry));
    }

    @Override
    public synchronized void onClusterOpened(ClusterMetrics opened) {
        if (!closed) {
            cluster = new ClusterMeters(registry, tags, opened);
        }
    }

    @Override
    public synchronized void onPartitionOpened(PartitionMetrics partition) {
        if (!closed) {
            partitions
                    .computeIfAbsent(partition.topic(), topic -> new ConcurrentHashMap<>())
                    .put(partition.partition(), new PartitionMeters(registry, tags, partition));
        }
    }

    @Override
    public synchronized void onPartitionRemoved(String topic, int partition) {
        Map<Integer, PartitionMeters> ofTopic = partitions.getOrDefault(topic, Map.of());
        PartitionMeters meters = ofTopic.get(partition);
        if (meters != null) {
            ofTopic.remove(partition);
            meters.remove();
        }
    }

    @Override
    public void onAppend(String topic, int partition, int records, int bytes, long tookNs) {
        PartitionMeters meters = find(topic, partition);
        if (meters != null) {
            meters.onAppend(tookNs);
        }
    }

    @Override
    public void onFlush(String topic, int partition, long tookNs) {
        PartitionMeters meters = find(topic, partition);
        if (meters != null) {
            meters.onFlush(tookNs);
        }
    }

    @Override
    public void onBlock(String topic, int partition, long waitedNs, boolean isRefused) {
        PartitionMeters meters = find(topic, partition);
        if (meters != null) {
            meters.onBlock(waitedNs);
        }
    }

    /** Null when it is not there any more: something was under way when its topic was deleted. */
    private @Nullable PartitionMeters find(String topic, int partition) {
        Map<Integer, PartitionMeters> ofTopic = partitions.get(topic);
        return ofTopic == null ? null : ofTopic.get(partition);
    }

    /** Takes all meters out of the registry, and registers none any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        laneMeters.forEach(registry::remove);
        laneMeters.clear();
        lanes.clear();
        if (cluster != null) {
            cluster.remove();
        }
        cluster = null;
        partitions.values().forEach(ofTopic -> ofTopic.values().forEach(PartitionMeters::remove));
        partitions.clear();
    }
}
