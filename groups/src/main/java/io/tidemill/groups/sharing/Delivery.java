package io.tidemill.groups.sharing;

/**
 * Neighbouring records that a member was given.
 *
 * @param deliveryCount how often anybody was given them, this time counted
 */
public record Delivery(long firstOffset, long lastOffset, int deliveryCount) {}
