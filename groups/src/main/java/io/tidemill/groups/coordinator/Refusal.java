package io.tidemill.groups.coordinator;

/** Why a request was refused, by Kafka's name where Kafka has one. */
public enum Refusal {
    /** There is no such member, or not any more: it has nothing, and may join again. */
    UNKNOWN_MEMBER_ID,
    /** Others went on without it: it has nothing, and may join again. */
    FENCED_MEMBER_EPOCH,
    /** It has not heard of the last rebalance yet: to be tried again after the next heartbeat. */
    STALE_MEMBER_EPOCH,
    /** Another member has that instance id, and has not left. */
    UNRELEASED_INSTANCE_ID,
    /** It does not own the partition. */
    NOT_OWNED,
    /** There are members, who alone say how far the group has read. */
    NON_EMPTY_GROUP
}
