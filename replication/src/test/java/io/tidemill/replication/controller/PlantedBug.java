package io.tidemill.replication.controller;

import io.tidemill.planted.Patch;
import java.util.List;

/** What could be wrong with a controller, as changes of its source: a simulation is believed when it finds each of them. */
enum PlantedBug {
    TAIL_LOST_BUT_ELIGIBLE(in("PartitionChange", "complete.removeAll(tailless);", "")),
    TAIL_LOST_BUT_NOT_LOOKED_FOR(
            in("PartitionDecisions", "|| partition.elr().stream().anyMatch(tailless::contains)", "")),
    ELIGIBLE_THOUGH_OTHERS_COMMIT(in("PartitionChange", "mayCommit ? List.of() : select", "select")),
    NOBODY_ELIGIBLE(in("PartitionChange", "complete.addAll(from.isr());", "")),
    LAST_LEADER_BEFORE_THOSE_WHO_HAVE_ALL(
            in("PartitionChange", "if (complete.isEmpty()) {", "if (inSync.isEmpty()) {")),
    UNCLEAN_WITHOUT_LEAVE(in("PartitionChange", "if (isUncleanAllowed) {", "if (inSync.isEmpty()) {")),
    LEADER_EPOCH_STAYS(
            in("PartitionChange", "(isAnew ? 1 : 0)", "0"),
            in("Topics", "!(rises || (isLed && stays))", "!(rises || stays)")),
    MOVE_LETS_ALL_GO(in("Reassignments", "if (!isUncleanAllowed &&", "if (id == null &&")),
    MOVE_NEVER_ENDS(in("PartitionChange", "inSync.containsAll(target)", "target.isEmpty()")),
    MOVE_ENDS_EARLY(in("PartitionChange", "inSync.containsAll(target)", "inSync.contains(target.get(0))")),
    OTHER_INCARNATION_IN_SYNC(in("PartitionDecisions", "&& broker.epoch() == member.brokerEpoch()", "")),
    ISR_OF_AN_OLDER_STATE(in(
            "PartitionDecisions",
            "if (isrChange.partitionEpoch() < partition.partitionEpoch()) {",
            "if (isrChange.partitionEpoch() < 0) {")),
    CHANGED_TWICE_AT_ONCE(
            in("PartitionDecisions", "seen.add(isrChange.id())", "(seen.add(isrChange.id()) || seen.size() > 0)")),
    RETURNS_BUT_IS_NOT_ELECTED(in("BrokerDecisions", "events.addAll(partitions.with(broker.id()));", "")),
    SETTINGS_WITHOUT_CONSEQUENCES(in(
            "TopicDecisions",
            "events.addAll(partitions.underSettings(List.of(placed), topic -> state.effective(changed)));",
            "")),
    CLUSTER_SETTINGS_WITHOUT_CONSEQUENCES(
            in("TopicDecisions", "topic -> topic.settings().over(changed.topicDefaults())", "state::effective")),
    FENCED_BUT_IN_SYNC(in(
            "BrokerDecisions",
            "new ArrayList<>(partitions.without(silent, Set.of()))",
            "new ArrayList<>(partitions.without(Set.of(silent.iterator().next()), Set.of()))")),
    FENCED_LATE(in(
            "BrokerSessions",
            "session == null || leftNs(session, timeoutNs, nowNs) <= 0",
            "session == null || leftNs(session, timeoutNs, nowNs) < -timeoutNs / 10")),
    NO_SESSION_AT_A_NEW_CONTROLLER(in("ClusterCore", "sessions.begin(state.brokers().all(), heardNs);", "")),
    SECOND_SESSION_AT_A_NEW_CONTROLLER(
            in("ClusterCore", "state.brokers().all(), heardNs)", "state.brokers().all(), brokerId -> nowNs)")),
    NO_SESSION_BUT_OF_THE_FENCED(in("BrokerSessions", "if (!broker.isFenced()) {", "if (broker.isFenced()) {")),
    PLACE_TAKEN_OF_ONE_WHO_LIVES(in(
            "BrokerDecisions",
            "known != null && !isSilent(brokerId, nowNs)",
            "known == null && isSilent(brokerId, nowNs) && nowNs == -nowNs")),
    UNFENCED_BEFORE_IT_KNOWS(
            in("BrokerDecisions", "request.metadataEpoch() >= broker.epoch()", "request.metadataEpoch() >= 0")),
    STOPS_BEFORE_OTHERS_KNOW(in(
            "BrokerDecisions",
            "sessions.metadataEpoch(other.id()) < broker.stoppingSince()",
            "sessions.metadataEpoch(other.id()) < 0")),
    REMOVED_BUT_KEEPS(in("BrokerDecisions", "if (kept != null) {", "if (kept != null && kept.index() < 0) {")),
    PRODUCER_IDS_TWICE(in(
            "ClusterCore",
            "new ProducerIdsGiven(first + PRODUCER_IDS)",
            "new ProducerIdsGiven(first + PRODUCER_IDS / 2)")),
    SNAPSHOT_FORGETS_WHO_STOPS(in(
            "ClusterEventLayout",
            "out.writeLong(broker.stoppingSince());",
            "out.writeLong(BrokerRegistration.NOT_STOPPING);")),
    SNAPSHOT_ON_TOP_OF_WHAT_WAS_KNOWN(in("ClusterState", "        topics = new Topics();", "")),
    SNAPSHOT_FORGETS_SETTINGS(in("ClusterState", "settings = settings.withAll(snapshot.settings());", "")),
    DECIDES_BEFORE_IT_IS_AGREED_ON(in(
            "ClusterCore",
            "long first = state.nextProducerId();",
            "long first = state.nextProducerId(); state.replay(List.of(new ProducerIdsGiven(first + PRODUCER_IDS)));"));

    private final List<Patch> patches;

    PlantedBug(Patch... patches) {
        this.patches = List.of(patches);
    }

    private static Patch in(String className, String text, String replacement) {
        return new Patch(PlantedBug.class.getPackageName() + "." + className, text, replacement);
    }

    List<Patch> patches() {
        return patches;
    }
}
