package io.tidemill.testkit;

import io.tidemill.planted.Patch;
import java.util.List;

/**
 * What could be wrong with the replicas and with what makes a broker one of a cluster, as changes of their sources: the simulation is
 * believed when it finds each of them.
 */
enum PlantedBug {
    COMMITTED_WHEN_SENT(
            0,
            inReplica(
                    "SyncedReplicas",
                    "FollowerProgress.UNKNOWN : follower.ackedOffset()",
                    "FollowerProgress.UNKNOWN : Math.max(follower.nextOffset(), follower.ackedOffset())")),
    ANSWERED_WHEN_APPENDED(
            1,
            inReplica(
                    "Leading",
                    "if (awaitsCommit && endOffset > partition.committedAcquire()) {",
                    "if (awaitsCommit && endOffset < 0) {")),
    WHO_MAY_BE_IN_SYNC_DOES_NOT_COUNT(
            112, inReplica("SyncedReplicas", "asked == null ? IntStream.empty()", "state != null ? IntStream.empty()")),
    REFUSAL_TAKEN_FOR_THE_LAST(
            4481, inReplica("SyncedReplicas", "if (isLast && !isInDoubt) {", "if (state != null) {")),
    TOO_FEW_IN_SYNC_COMMIT(1, inReplica("Leading", "if (synced.areEnough()) {", "if (state != null) {")),
    ADDED_BEFORE_IT_HAS_WHAT_IS_COMMITTED(
            70,
            inReplica(
                    "SyncedReplicas",
                    "&& follower.ackedOffset() >= Math.max(inheritedEnd, partition.committedAcquire())",
                    "")),
    FOLLOWERS_BELIEVED_TO_HAVE_ALL(
            45,
            inReplica(
                    "FollowerProgress",
                    "this.markOffset = endOffset;",
                    "markOffset = endOffset; ackedOffset.setPlain(endOffset);")),
    BELIEVED_TO_HAVE_WHAT_ITS_FORMER_LIFE_HAD(
            1,
            inReplica(
                    "Leading", "follower.onAck(endOffset, log.endOffset(), nowNs);\n        onProgress", "onProgress")),
    NEVER_DIVERGED(
            1,
            inReplica(
                    "Leading",
                    "if (agreed.epoch() != lastEpoch || agreed.endOffset() < endOffset) {",
                    "if (agreed.endOffset() < 0) {")),
    DIVERGED_BY_LENGTH_ONLY(
            4,
            inReplica(
                    "Leading",
                    "if (agreed.epoch() != lastEpoch || agreed.endOffset() < endOffset) {",
                    "if (log.endOffset() < endOffset) {")),
    TRUNCATED_ONE_SHORT(
            4,
            inReplica(
                    "Following",
                    "log.truncate(end, nowMs);",
                    "log.truncate(Math.min(end + 1, log.endOffset()), nowMs);")),
    TAIL_KEPT(0, inReplica("Following", "log.truncate(end, nowMs);", "attempt = ofAttempt; isFed = true;")),
    FLUSH_NOT_AWAITED(3, inReplica("ReplicaLog", "writer.flushIfDue();", "")),
    EPOCHS_NOT_TRUNCATED(
            12,
            inReplica(
                    "ReplicaLog",
                    "producers.truncate(endOffset, nowMs);\n        epochs.truncateFromEnd(endOffset);",
                    "producers.truncate(endOffset, nowMs);")),
    EPOCHS_AHEAD_OF_THE_LOG(
            1,
            inReplica(
                    "ReplicaLog",
                    "epochs.truncateFromEnd(endOffset);\n                return epochs;",
                    "return epochs;")),
    PRODUCERS_KNOWN_TO_THE_LEADER_ONLY(
            0,
            inReplica("ReplicaLog", "    /** In front of its first record", """
                        void appendUncounted(DirectBuffer batch, long nowNs) {
                            int epoch = BatchLayout.leaderEpoch(batch, 0);
                            if (epoch != epochs.lastEpoch()) {
                                beginEpoch(epoch, batch);
                            }
                            writer.append(batch, partition.probe().beginAppend(), nowNs);
                        }

                        /** In front of its first record"""),
            inReplica("Following", "log.append(batch, nowMs, nowNs);", "log.appendUncounted(batch, nowNs);")),
    PRODUCERS_NOT_TRUNCATED(
            0,
            inReplica("ReplicaLog", "producers.truncate(endOffset, nowMs);", "partition.log().truncate(endOffset);")),
    DUPLICATE_AT_A_NEW_OFFSET(
            0,
            inReplica(
                    "Leading",
                    "long baseOffset = producers.originalBaseOffset();",
                    "long baseOffset = log.endOffset() - recordCount;")),
    DUPLICATE_ANSWERED_BEFORE_IT_IS_COMMITTED(
            1,
            inReplica(
                    "Leading",
                    "onAppended(baseOffset + recordCount, awaitsCommit, listener, answer);",
                    "listener.onAnswer(answer);")),
    EXPECTED_OFFSET_IGNORED(
            0,
            inReplica("Leading", "&& expectedOffset != log.endOffset()) {", "&& expectedOffset > log.endOffset()) {")),
    CONDITIONAL_BATCH_NOT_ALONE(
            268,
            inReplica("Outbox", "batch.isConditional() || !isKnown;", "!isKnown;"),
            inReplica("Outbox", "if (batch.isConditional() && !batch.isAnswered()) {", "if (batch == null) {")),
    FIRST_BATCH_NOT_ALONE(7, inReplica("Outbox", "batch.isConditional() || !isKnown;", "batch.isConditional();")),
    UNCOMMITTED_READ_BY_OTHERS(
            58, inReplica("Serving", "long limit = partition.committedAcquire();", "long limit = log.endOffset();")),
    ROLE_BEFORE_IT_IS_REGISTERED(5, inReplica("Replica", "|| !place.isRegistered()", "")),
    LOST_TAIL_NEVER_TOLD(
            6, inNode("LostTails", "this.isUntold = store.mayHaveLostTails() ||", "this.isUntold = store == null &&")),
    LOST_TAIL_FORGOTTEN(76, inNode("LostTails", "|| (written != null && written[0] == UNTOLD[0])", "")),
    ANSWER_OF_ANOTHER_DECISION(
            324,
            inNode("ActingController", "done.index() == index && done.term() == term ?", "done.index() <= index ?")),
    DECIDES_BEFORE_IT_IS_AGREED_ON(
            1, inNode("ActingController", "while (underWay == null && isActing", "while (isActing")),
    ACTS_BEFORE_IT_KNOWS(
            1, inNode("MetadataLog", "core.isLeader() && publishedTerm == core.term()", "core.isLeader()")),
    PRODUCER_OF_A_FORMER_LIFE(
            2,
            inNode(
                    "BrokerLife",
                    "replicas.onProducerId(ids.firstId());",
                    "replicas.onProducerId(registration.brokerId());"));

    private final long seed;
    private final List<Patch> patches;

    PlantedBug(long seed, Patch... patches) {
        this.seed = seed;
        this.patches = List.of(patches);
    }

    private static Patch inReplica(String className, String text, String replacement) {
        return new Patch("io.tidemill.replication.replica." + className, text, replacement);
    }

    private static Patch inNode(String className, String text, String replacement) {
        return new Patch("io.tidemill.replication.node." + className, text, replacement);
    }

    /** One that finds it; with another simulation it is another one. */
    long seed() {
        return seed;
    }

    List<Patch> patches() {
        return patches;
    }
}
