package io.tidemill.groups.coordinator;

/**
 * How far a partition is read.
 *
 * @param offset of the next record
 * @param metadata whatever the member adds
 * @param timeMs when it was committed
 */
public record CommittedOffset(long offset, String metadata, long timeMs) {}
