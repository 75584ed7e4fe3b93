package io.tidemill.idempotence;

/** How a batch of a producer that numbers its records stands to those that the partition has of it. */
public enum SequenceVerdict {
    /** It comes next, or nothing is known of the producer: append it. */
    NEXT,
    /** The partition has it already: answer as it was answered then. */
    DUPLICATE,
    /** Something between the last one and it is missing, or it is not known to be here as it is. */
    OUT_OF_ORDER,
    /** A younger instance of the producer was here. */
    FENCED
}
