package io.tidemill.groups.sharing;

/** Why an acknowledgement was refused, by Kafka's name. */
public enum ShareRefusal {
    /** Not all of the records are the member's: their lock timed out, they are another's or done, or it never had them. */
    INVALID_RECORD_STATE
}
