package io.tidemill.replication.controller;

import io.tidemill.metadata.TopicRecord;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A broker that believes what it has replayed so far: it leads what that says, tells followers, commits, and asks for others to be in
 * sync. A log is a list of records, each with the epoch of the leader that it is from; nothing of it is safe before it is flushed.
 */
final class SimulatedBroker {
    static final long NOT_REGISTERED = -1;

    /** @param brokerEpoch of the follower that said so */
    private record Ack(long brokerEpoch, int endOffset) {}

    private static final class Leadership {
        final int leaderEpoch;
        final int startOffset;
        final Map<Integer, Ack> acks = new HashMap<>();
        /** Asked to be in sync; as good as in sync until the partition is known to be otherwise. */
        final Set<Integer> pending = new HashSet<>();

        int partitionEpoch;
        int highWatermark;

        Leadership(int leaderEpoch, int startOffset) {
            this.leaderEpoch = leaderEpoch;
            this.startOffset = startOffset;
        }
    }

    final int id;
    UUID incarnation;
    long epoch = NOT_REGISTERED;
    boolean isRunning = true;
    boolean isIsolated;
    boolean wantsToStop;
    /** And the cluster was not told. */
    boolean isTailLost;

    private ClusterCore view;
    private int replayed;
    private final Map<PartitionId, List<Long>> logs = new HashMap<>();
    private final Map<PartitionId, Integer> flushed = new HashMap<>();
    private final Map<PartitionId, Leadership> led = new HashMap<>();

    SimulatedBroker(int id, UUID incarnation, ClusterCore view) {
        this.id = id;
        this.incarnation = incarnation;
        this.view = view;
    }

    /** Runs again, as somebody else, who has replayed so much. */
    void restart(UUID newIncarnation, ClusterCore newView, int replayedEntries) {
        incarnation = newIncarnation;
        epoch = NOT_REGISTERED;
        view = newView;
        replayed = replayedEntries;
        isRunning = true;
        wantsToStop = false;
    }

    /** Nothing is lost that was written. */
    void kill() {
        isRunning = false;
        led.clear();
    }

    void crash() {
        kill();
        isTailLost = true;
        logs.forEach((partition, log) -> {
            int end = flushed.getOrDefault(partition, 0);
            log.subList(Math.min(end, log.size()), log.size()).clear();
        });
    }

    void flush() {
        logs.forEach((partition, log) -> flushed.put(partition, log.size()));
    }

    ClusterCore view() {
        return view;
    }

    int replayed() {
        return replayed;
    }

    /** What it keeps no more, and has deleted. */
    List<PartitionChanged> replay(byte[] entry) {
        List<ClusterEvent> decision = ClusterEventLayout.decision(entry);
        view.replay(decision);
        replayed++;
        List<PartitionChanged> deleted = new ArrayList<>();
        for (ClusterEvent event : decision) {
            // Of what was before it was registered, it may have been told in another life, and have got more since.
            if (event instanceof PartitionChanged changed
                    && isRegistered()
                    && !changed.state().replicas().contains(id)) {
                logs.remove(changed.id());
                flushed.remove(changed.id());
                deleted.add(changed);
            }
        }
        return deleted;
    }

    /** As far as it knows. */
    private boolean isRegistered() {
        BrokerRegistration self = view.broker(id);
        return self != null && self.epoch() == epoch;
    }

    /** In place of entries that it had not replayed yet. */
    void restore(ClusterSnapshot snapshot, int replayedEntries) {
        view.restore(snapshot);
        replayed = replayedEntries;
    }

    List<Long> log(PartitionId partition) {
        return logs.computeIfAbsent(partition, none -> new ArrayList<>());
    }

    /** Null if it does not lead, as far as it knows; as another incarnation it may have, but does no more. */
    private @Nullable Leadership leadership(PartitionId partition) {
        PartitionState state = view.partition(partition);
        if (state == null || state.leader() != id || !isRegistered()) {
            return null;
        }
        Leadership leadership = led.get(partition);
        if (leadership == null || leadership.leaderEpoch != state.leaderEpoch()) {
            leadership = new Leadership(state.leaderEpoch(), log(partition).size());
            led.put(partition, leadership);
        }
        if (leadership.partitionEpoch != state.partitionEpoch()) {
            leadership.pending.clear();
            leadership.partitionEpoch = state.partitionEpoch();
        }
        return leadership;
    }

    boolean leads(PartitionId partition) {
        return isRunning && leadership(partition) != null;
    }

    void append(PartitionId partition, int records, RandomGenerator random) {
        Leadership leadership = Objects.requireNonNull(leadership(partition));
        for (int i = 0; i < records; i++) {
            log(partition).add((long) leadership.leaderEpoch << 32 | random.nextInt(1 << 20));
        }
    }

    /** Tells a follower what is to be where it differs, and hears how far it has come. */
    void tell(SimulatedBroker follower, PartitionId partition, int recordsMax) {
        Leadership leadership = Objects.requireNonNull(leadership(partition));
        PartitionState known = follower.view.partition(partition);
        if (known == null
                || known.leader() != id
                || known.leaderEpoch() != leadership.leaderEpoch
                || !known.replicas().contains(follower.id)
                || follower.epoch == NOT_REGISTERED) {
            return;
        }
        List<Long> source = log(partition);
        List<Long> target = follower.log(partition);
        int same = samePrefix(source, target);
        target.subList(same, target.size()).clear();
        follower.flushed.computeIfPresent(partition, (id, end) -> Math.min(end, same));
        target.addAll(source.subList(same, Math.min(source.size(), same + recordsMax)));
        leadership.acks.put(follower.id, new Ack(follower.epoch, target.size()));
    }

    private static int samePrefix(List<Long> one, List<Long> other) {
        int same = 0;
        while (same < Math.min(one.size(), other.size()) && one.get(same).equals(other.get(same))) {
            same++;
        }
        return same;
    }

    /** What is committed from now on, or null if that is not more than before. */
    @Nullable
    List<Long> commit(PartitionId partition) {
        Leadership leadership = Objects.requireNonNull(leadership(partition));
        PartitionState state = Objects.requireNonNull(view.partition(partition));
        if (state.isr().size() < state.effectiveMinIsr(minInsyncReplicas(partition))) {
            return null;
        }
        int end = log(partition).size();
        Set<Integer> inSync = new HashSet<>(state.isr());
        inSync.addAll(leadership.pending);
        inSync.remove(id);
        for (int follower : inSync) {
            Ack ack = leadership.acks.get(follower);
            end = Math.min(end, ack == null ? 0 : ack.endOffset());
        }
        if (end <= leadership.highWatermark) {
            return null;
        }
        leadership.highWatermark = end;
        return List.copyOf(log(partition).subList(0, end));
    }

    private int minInsyncReplicas(PartitionId partition) {
        for (TopicRecord topic : view.topics()) {
            if (topic.id().equals(partition.topicId())) {
                return view.settings(topic).minInsyncReplicas();
            }
        }
        throw new IllegalStateException("partition without a topic: " + partition);
    }

    int leaderEpoch(PartitionId partition) {
        return Objects.requireNonNull(leadership(partition)).leaderEpoch;
    }

    /** Those that keep up are in sync, and by chance those that lag are not; null if that is as it was. */
    @Nullable
    IsrChange wantedIsr(PartitionId partition, RandomGenerator random) {
        Leadership leadership = Objects.requireNonNull(leadership(partition));
        PartitionState state = Objects.requireNonNull(view.partition(partition));
        int needed = Math.max(leadership.startOffset, leadership.highWatermark);
        List<InSync> isr = new ArrayList<>();
        Set<Integer> added = new HashSet<>();
        for (int replica : state.replicas()) {
            Ack ack = leadership.acks.get(replica);
            boolean isIn = state.isr().contains(replica);
            if (replica == id) {
                isr.add(new InSync(id, epoch));
            } else if (!isIn && ack != null && ack.endOffset() >= needed) {
                isr.add(new InSync(replica, ack.brokerEpoch()));
                added.add(replica);
            } else if (isIn && (isAtEnd(partition, ack) || random.nextInt(3) > 0)) {
                BrokerRegistration known = Objects.requireNonNull(view.broker(replica));
                isr.add(new InSync(replica, known.epoch()));
            }
        }
        Set<Integer> ids = new HashSet<>();
        isr.forEach(member -> ids.add(member.brokerId()));
        if (ids.equals(new HashSet<>(state.isr()))) {
            return null;
        }
        leadership.pending.addAll(added);
        return new IsrChange(partition, state.leaderEpoch(), state.partitionEpoch(), isr);
    }

    private boolean isAtEnd(PartitionId partition, @Nullable Ack ack) {
        return ack != null && ack.endOffset() >= log(partition).size();
    }
}
