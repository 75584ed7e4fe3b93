package io.tidemill.groups;

/** Kafka's word for what a member of a share group says of a record that it was given. */
public enum AcknowledgeType {
    /** It is done. */
    ACCEPT,
    /** Somebody is to have it once more: what went wrong may pass. */
    RELEASE,
    /** Nobody is to have it: it will never go right. It goes to the dead letters, if the group has a topic for them. */
    REJECT
}
