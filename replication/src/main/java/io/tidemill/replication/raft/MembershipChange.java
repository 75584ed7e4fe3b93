package io.tidemill.replication.raft;

/** One step from a membership to the next. A server that joins is a learner first, so that nobody waits for it to catch up. */
public sealed interface MembershipChange {
    int id();

    record AddLearner(int id) implements MembershipChange {}

    /** A learner that has caught up votes from now on. */
    record Promote(int id) implements MembershipChange {}

    /** A voter or a learner belongs to the cluster no more. */
    record Remove(int id) implements MembershipChange {}
}
