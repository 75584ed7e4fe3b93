package io.tidemill.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.tidemill.ClusterMetrics;
import io.tidemill.ClusterMetrics.PeerMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The meters of a broker's cluster. All of them read {@link ClusterMetrics} when somebody reads them. */
final class ClusterMeters {
    private static final String BROKERS = "brokers";
    private static final String PARTITIONS = "partitions";
    private static final String RECORDS = "records";
    private static final String CHANGES = "changes";
    private static final String FRAMES = "frames";

    private final MeterRegistry registry;
    private final Tags tags;
    /** Held here, because its meters alone would let go of it; so are peers. */
    private final ClusterMetrics cluster;

    private final List<PeerMetrics> peers;
    private final List<Meter> meters = new ArrayList<>();

    ClusterMeters(MeterRegistry registry, Tags tags, ClusterMetrics cluster) {
        this.registry = registry;
        this.tags = tags;
        this.cluster = cluster;
        this.peers = cluster.peers();
        gauge("controller.id", "id", "who decides for the cluster, or -1", ClusterMetrics::controllerId);
        gauge("controller.epoch", "epoch", "rises with each controller", ClusterMetrics::controllerEpoch);
        gauge("metadata.epoch", "decisions", "how many were heard of", ClusterMetrics::metadataEpoch);
        gauge("brokers.active", BROKERS, "may lead and be in sync", ClusterMetrics::activeBrokers);
        gauge("brokers.inactive", BROKERS, "may not", ClusterMetrics::inactiveBrokers);
        gauge("partitions.offline", PARTITIONS, "nobody leads them", ClusterMetrics::offlinePartitions);
        gauge(
                "partitions.under.replicated",
                PARTITIONS,
                "a replica is not in sync",
                ClusterMetrics::underReplicatedPartitions);
        gauge("partitions.led", PARTITIONS, "this broker leads them", ClusterMetrics::ledPartitions);
        gauge("active", "flag", "1 while the cluster counts on this broker", one -> one.isActive() ? 1 : 0);
        gauge("follower.lag.max", RECORDS, "the most that a follower is behind", ClusterMetrics::followerLagMax);
        counter("leader.changes", CHANGES, "another leader, or none", ClusterMetrics::leaderChanges);
        counter("in.sync.shrinks", CHANGES, "a replica fell out of sync", ClusterMetrics::inSyncShrinks);
        counter("in.sync.expansions", CHANGES, "a replica is in sync again", ClusterMetrics::inSyncExpansions);
        counter("controller.changes", CHANGES, "another controller", ClusterMetrics::controllerChanges);
        counter("replicated.out.records", RECORDS, "sent to followers", ClusterMetrics::replicatedOutRecords);
        counter("replicated.out.bytes", BaseUnits.BYTES, "sent to followers", ClusterMetrics::replicatedOutBytes);
        counter("replicated.in.records", RECORDS, "appended as a follower", ClusterMetrics::replicatedInRecords);
        counter("replicated.in.bytes", BaseUnits.BYTES, "appended as a follower", ClusterMetrics::replicatedInBytes);
        counter("frames.foreign", FRAMES, "not genuine, damaged or late", ClusterMetrics::foreignFrames);
        peers.forEach(this::addPeer);
    }

    private void gauge(String name, String unit, String description, ToDoubleFunction<ClusterMetrics> value) {
        meters.add(Gauge.builder("tidemill.cluster." + name, cluster, value)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry));
    }

    private void counter(String name, String unit, String description, ToDoubleFunction<ClusterMetrics> value) {
        meters.add(FunctionCounter.builder("tidemill.cluster." + name, cluster, value)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry));
    }

    private void addPeer(PeerMetrics peer) {
        Tags peerTags = tags.and("peer", Integer.toString(peer.brokerId()));
        meters.add(Gauge.builder("tidemill.peer.connected", peer, one -> one.isConnected() ? 1 : 0)
                .description("1 while this broker can speak with it")
                .baseUnit("flag")
                .tags(peerTags)
                .register(registry));
        meters.add(TimeGauge.builder("tidemill.peer.round.trip", peer, TimeUnit.NANOSECONDS, ClusterMeters::roundTripNs)
                .description("until it has said that it has what it was sent")
                .tags(peerTags)
                .register(registry));
        meters.add(FunctionCounter.builder("tidemill.peer.frames.resent", peer, PeerMetrics::resentFrames)
                .description("sent again")
                .baseUnit(FRAMES)
                .tags(peerTags)
                .register(registry));
    }

    private static double roundTripNs(PeerMetrics peer) {
        long roundTripNs = peer.roundTripNs();
        return roundTripNs == ClusterMetrics.UNKNOWN_NS ? Double.NaN : roundTripNs;
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
