package io.tidemill.groups;

/** Kafka's {@code share.acknowledgement.mode}: what becomes of records of which a member says nothing. */
public enum AcknowledgementMode {
    /** They are accepted by the next {@link ShareGroup#poll} or {@link ShareGroup#commit}. */
    IMPLICIT,
    /** The next {@link ShareGroup#poll} is refused until something is said of each. */
    EXPLICIT
}
