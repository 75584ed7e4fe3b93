package io.tidemill;

/** Is told when a consumer reaches the end of a partition. */
@FunctionalInterface
public interface PartitionEofListener {
    /**
     * Called inside {@link Consumer#poll}, on its thread, behind the records up to that end: those of this poll are what it is
     * about to return. It may use the consumer, but for {@code poll}. What it throws comes out of that poll, or out of the next
     * one where this one has records to return.
     *
     * @param eof which end
     */
    void onPartitionEof(PartitionEof eof);
}
