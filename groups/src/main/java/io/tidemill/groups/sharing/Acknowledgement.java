package io.tidemill.groups.sharing;

/** What a member says of records that it was given; Kafka's words. */
public enum Acknowledgement {
    /** They are done. */
    ACCEPT,
    /** Somebody is to have them once more. */
    RELEASE,
    /** Nobody is to have them: they are dead letters. */
    REJECT,
    /** There are none any more: compaction took them before they were read. */
    GAP
}
