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
            0,
            inReplica(
                    "Leading",
                    "if (awaitsCommit && endOffset > partition.committedAcquire()) {",
                    "if (awaitsCommit && endOffset < 0) {")),
    WHO_MAY_BE_IN_SYNC_DOES_NOT_COUNT(
            0, inReplica("SyncedReplicas", "asked == null ? IntStream.empty()", "state != null ? IntStream.empty()")),
    WHO_MAY_BE_IN_SYNC_MAKES_ENOUGH(
            0, inReplica("SyncedReplicas", "return state.isr().size();", "return counted.length + 1;")),
    TOO_FEW_IN_SYNC_COMMIT(0, inReplica("Leading", "if (!synced.areEnough()) {", "if (state == null) {")),
    ADDED_BEFORE_IT_HAS_WHAT_IS_COMMITTED(
            0,
            inReplica(
                    "SyncedReplicas",
                    "&& follower.ackedOffset() >= Math.max(inheritedEnd, partition.committedAcquire())",
                    "")),
    ADDED_BEFORE_IT_HAS_WHAT_WAS_COMMITTED_ONCE(
            0,
            inReplica(
                    "SyncedReplicas",
                    "Math.max(inheritedEnd, partition.committedAcquire())",
                    "partition.committedAcquire()")),
    FOLLOWERS_BELIEVED_TO_HAVE_ALL(
            0,
            inReplica(
                    "FollowerProgress",
                    "this.markOffset = endOffset;",
                    "markOffset = endOffset; ackedOffset = endOffset;")),
    BELIEVED_TO_HAVE_WHAT_ITS_FORMER_LIFE_HAD(
            0,
            inReplica(
                    "Leading", "follower.onAck(endOffset, log.endOffset(), nowNs);\n        onProgress", "onProgress")),
    NEVER_DIVERGED(
            0,
            inReplica(
                    "Leading",
                    "if (agreed.epoch() != lastEpoch || agreed.endOffset() < endOffset) {",
                    "if (agreed.endOffset() < 0) {")),
    DIVERGED_BY_LENGTH_ONLY(
            0,
            inReplica(
                    "Leading",
                    "if (agreed.epoch() != lastEpoch || agreed.endOffset() < endOffset) {",
                    "if (log.endOffset() < endOffset) {")),
    TRUNCATED_ONE_SHORT(
            0,
            inReplica(
                    "Following",
                    "log.truncate(end, nowMs);",
                    "log.truncate(Math.min(end + 1, log.endOffset()), nowMs);")),
    TAIL_KEPT(0, inReplica("Following", "log.truncate(end, nowMs);", "attempt = ofAttempt; isFed = true;")),
    ENDS_OF_EPOCHS_NOT_COMPARED(
            0,
            inReplica(
                    "Following",
                    "ours.epoch() == leadersEpoch ? Math.min(leadersEnd, ours.endOffset()) : ours.endOffset()",
                    "leadersEnd")),
    ANSWER_TO_A_FORMER_ASKING(0, inReplica("Following", "if (ofAttempt != attempt) {", "if (attempt == NOT_ASKED) {")),
    COMMITTED_BEYOND_THE_LOG(0, inReplica("Following", "Math.min(highWatermark, log.endOffset())", "highWatermark")),
    FLUSH_NOT_AWAITED(0, inReplica("ReplicaLog", "writer.flushIfDue();", "")),
    EPOCHS_NOT_TRUNCATED(
            0,
            inReplica(
                    "ReplicaLog",
                    "epochs.truncateFromEnd(endOffset);",
                    "if (settledEndOffset < 0) { epochs.truncateFromEnd(endOffset); }")),
    EPOCHS_NOT_WRITTEN(
            0,
            inReplica(
                    "ReplicaLog",
                    "epochs.onEpoch(epoch, BatchLayout.baseOffset(batch, 0));\n        epochsFile.write(epochs.encode());",
                    "epochs.onEpoch(epoch, BatchLayout.baseOffset(batch, 0));")),
    EPOCHS_AHEAD_OF_THE_LOG(0, inReplica("ReplicaLog", "epochs.truncateFromEnd(writer.endOffset());", "")),
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
            0,
            inReplica(
                    "Leading",
                    "onAppended(baseOffset + recordCount, awaitsCommit, listener, answer);",
                    "listener.onAnswer(answer);")),
    EXPECTED_OFFSET_IGNORED(
            0,
            inReplica("Leading", "&& expectedOffset != log.endOffset()) {", "&& expectedOffset > log.endOffset()) {")),
    EXPECTED_OFFSET_BEFORE_DUPLICATES(
            0, inReplica("Leading", "        ProducerStates producers = log.producers();\n", """
                            ProducerStates producers = log.producers();
                            if (expectedOffset != RunSink.ANY_OFFSET && expectedOffset != log.endOffset()) {
                                listener.onAnswer(answer(batch, AppendCode.OFFSET_MISMATCH, 0, log.endOffset()));
                                return;
                            }
                    """)),
    CONDITIONAL_BATCH_NOT_ALONE(
            0,
            inReplica("Outbox", "batch.isConditional() || !isKnown;", "!isKnown;"),
            inReplica("Outbox", "if (batch.isConditional() && !batch.isAnswered()) {", "if (batch == null) {")),
    FIRST_BATCH_NOT_ALONE(0, inReplica("Outbox", "batch.isConditional() || !isKnown;", "batch.isConditional();")),
    REFUSED_THOUGH_IN_DOUBT(
            0,
            inReplica("Outbox", "if (refused.isInDoubt()) {", "if (refused == null) {"),
            inReplica("Outbox", "refusal != null && !batch.isInDoubt()", "refusal != null")),
    NUMBERED_ANEW_THOUGH_IN_DOUBT(
            0, inReplica("Outbox", "if (!batch.isAnswered() && batch.isInDoubt()) {", "if (batch == null) {")),
    NUMBERED_ANEW_WHEN_ANY_IS_OUT_OF_ORDER(
            0, inReplica("Outbox", "if (batch == firstUnanswered()) {", "if (batch != null) {")),
    SENT_AGAIN_ALONE(0, inReplica("Outbox", "isBehind |= batch == from;", "isBehind = batch == from;")),
    ANSWERS_OF_A_FORMER_CONNECTION(
            0, inReplica("Replica", "answers.removeIf(reply -> reply.brokerId() == brokerId);", "")),
    UNCOMMITTED_READ_BY_OTHERS(
            0, inReplica("Serving", "long limit = partition.committedAcquire();", "long limit = log.endOffset();")),
    ROLE_BEFORE_IT_IS_REGISTERED(0, inReplica("Replica", "|| !place.isRegistered()", "")),
    LOST_TAIL_NEVER_TOLD(
            0, inNode("LostTails", "this.isUntold = store.mayHaveLostTails() ||", "this.isUntold = store == null &&")),
    LOST_TAIL_FORGOTTEN(0, inNode("LostTails", "|| (written != null && written[0] == UNTOLD[0])", "")),
    ANSWER_BEFORE_ITS_METADATA(
            0, inNode("ControllerClient", "if (core.metadataEpoch() >= metadataEpoch) {", "if (asking != null) {")),
    ANSWER_OF_ANOTHER_DECISION(
            0, inNode("ActingController", "done.index() == index && done.term() == term ?", "done.index() <= index ?")),
    DECIDES_BEFORE_IT_IS_AGREED_ON(
            0, inNode("ActingController", "while (underWay == null && isActing", "while (isActing")),
    ACTS_BEFORE_IT_KNOWS(
            0, inNode("MetadataLog", "core.isLeader() && publishedTerm == core.term()", "core.isLeader()")),
    PRODUCER_OF_A_FORMER_LIFE(
            0,
            inNode(
                    "BrokerLife",
                    "replicas.onProducerId(ids.firstId());",
                    "replicas.onProducerId(registration.brokerId());")),
    NEVER_REGISTERED_AGAIN(
            0,
            inNode("BrokerLife", "            brokerEpoch = NOT_REGISTERED;\n", "            isReady = isRefused;\n"));

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
