package io.tidemill.groups.sharing;

/** Neighbouring records that nobody gets any more, though nobody accepted them. */
public record DeadLetter(long firstOffset, long lastOffset, int deliveryCount, Reason reason) {
    /** Why nobody does. */
    public enum Reason {
        /** A member said that it is not to be tried again. */
        REJECTED,
        /** It was delivered as often as it may be. */
        DELIVERY_COUNT_LIMIT
    }
}
