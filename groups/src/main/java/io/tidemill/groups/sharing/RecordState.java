package io.tidemill.groups.sharing;

/** What became of a record that was given out; Kafka's words. */
public sealed interface RecordState {
    /** Nobody has it, and somebody is to have it once more. */
    record Available(int deliveryCount) implements RecordState {}

    /** A member has it, until it acknowledges it or the deadline comes. */
    record Acquired(int deliveryCount, String memberId, long deadlineNs) implements RecordState {}

    /** It is a dead letter of which no copy is known: nobody gets it, and it is not done. */
    record Archiving(int deliveryCount, DeadLetter.Reason reason) implements RecordState {}

    /** A member accepted it. */
    record Acknowledged() implements RecordState {}

    /** It is done though nobody accepted it. */
    record Archived() implements RecordState {}

    default boolean isDone() {
        return this instanceof Acknowledged || this instanceof Archived;
    }
}
