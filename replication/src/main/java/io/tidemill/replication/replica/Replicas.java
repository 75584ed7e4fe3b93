package io.tidemill.replication.replica;

import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.lane.Appender;
import io.tidemill.lane.LogWriter;
import io.tidemill.lane.Partition;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All partitions of a broker of a cluster: tells each what concerns it.
 *
 * <p>Owned by the lane thread.
 */
public final class Replicas {
    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

    private static final long MAINTENANCE_NS = 1_000_000_000;
    private static final long NO_PRODUCER = -1;

    private final int selfId;
    private final LogStore store;
    private final Clock clock;
    private final PeerLinks links;
    private final ReplicaSettings settings;
    private final InSyncReplicas inSync;
    private final UnknownPartitions unknown;
    private final ReplicaGauges gauges = new ReplicaGauges();
    private final Map<PartitionId, Replica> byId = new LinkedHashMap<>();
    /** In the same order, without an iterator for each duty cycle. */
    private final List<Replica> all = new ArrayList<>();

    private long selfEpoch = ReplicaPlace.NOT_REGISTERED;
    private long producerId = NO_PRODUCER;
    private long maintainedNs;

    public Replicas(
            int selfId, LogStore store, Clock clock, PeerLinks links, ReplicaSettings settings, InSyncReplicas inSync) {
        this.selfId = selfId;
        this.store = store;
        this.clock = clock;
        this.links = links;
        this.settings = settings;
        this.inSync = inSync;
        this.unknown = new UnknownPartitions(links);
        this.maintainedNs = clock.nowNs();
    }

    /** What all of them tell; any thread may ask it. */
    public ReplicaGauges gauges() {
        return gauges;
    }

    /** This broker is registered under that epoch from now on. */
    public void onRegistered(long brokerEpoch) {
        selfEpoch = brokerEpoch;
        all.forEach(replica -> replica.onRegistered(clock.nowNs()));
    }

    /** This broker is that producer from now on. */
    public void onProducerId(long id) {
        producerId = id;
        all.forEach(replica -> replica.onProducerId(id));
    }

    /**
     * A partition is there, over a {@link MovableLog}.
     *
     * @param logName under which its log is opened where it is kept here
     */
    public Appender add(
            PartitionId id,
            String logName,
            Partition partition,
            LogWriter writer,
            BatchCompressor compressor,
            PartitionState state) {
        // What of it is committed, the leader will tell.
        partition.committedRelease(partition.startOffset());
        ReplicaSender sender = new ReplicaSender(id, links);
        ReplicaPlace place = new ReplicaPlace(id, selfId, () -> selfEpoch, partition, sender, settings, inSync, gauges);
        if (!(partition.log() instanceof MovableLog log)) {
            throw new IllegalArgumentException("log cannot be kept elsewhere: partition=" + partition);
        }
        Keeping keeping = new Keeping(place, log, logName, writer, store, clock.epochMs());
        Replica replica = new Replica(place, keeping, compressor, clock, state);
        if (producerId != NO_PRODUCER) {
            replica.onProducerId(producerId);
        }
        byId.put(id, replica);
        all.add(replica);
        return replica;
    }

    /** It is not there any more. */
    public void remove(PartitionId id) {
        all.remove(byId.remove(id));
    }

    /**
     * Deletes a log that nobody has open, with what was kept beside it.
     *
     * @throws io.tidemill.errors.TidemillException when it cannot be done now
     */
    public void deleteLog(String logName) {
        ReplicaLog.delete(logName, store);
    }

    public void onState(PartitionId id, PartitionState state) {
        Replica replica = byId.get(id);
        if (replica != null) {
            replica.onState(state, clock.epochMs(), clock.nowNs());
        }
    }

    /**
     * The controller does not change which replicas are in sync.
     *
     * @param partitionEpoch of the state for which it was asked
     * @param isLast whether it will not do so later either
     */
    public void onIsrRefused(PartitionId id, int partitionEpoch, boolean isLast) {
        Replica replica = byId.get(id);
        if (replica != null) {
            replica.onIsrRefused(partitionEpoch, isLast);
        }
    }

    public void onDisconnected(int brokerId) {
        unknown.onDisconnected(brokerId);
        all.forEach(replica -> replica.onDisconnected(brokerId));
    }

    /** Something that another broker's replica says. */
    public void onMessage(int fromId, DirectBuffer buffer, int index, int length) {
        if (length < ReplicaMessageLayout.HEADER_LENGTH) {
            LOG.warn("message of a broker is too short, and not heeded: from={}, length={}", fromId, length);
            return;
        }
        Replica replica = byId.get(ReplicaMessageLayout.partition(buffer, index));
        if (replica == null) {
            unknown.onMessage(fromId, buffer, index, length);
            return;
        }
        try {
            replica.onMessage(fromId, buffer, index, length, clock.epochMs(), clock.nowNs());
        } catch (CorruptRecordException e) {
            LOG.warn("message of a broker is not heeded: from={}, reason={}", fromId, e.toString());
        }
    }

    /** What could not be done at once, or is due. Answers whether there was something. */
    public int doWork(long nowMs, long nowNs) {
        int work = unknown.send();
        for (int i = 0; i < all.size(); i++) {
            work += all.get(i).doWork(nowMs, nowNs);
        }
        if (nowNs - maintainedNs >= MAINTENANCE_NS) {
            maintainedNs = nowNs;
            all.forEach(Replica::maintain);
        }
        return work;
    }
}
