package io.tidemill.groups;

/**
 * Who saves how far partitions are read.
 *
 * @param group its name
 * @param memberId of the member
 * @param epoch of two owners of a partition the later one has the higher
 */
public record OffsetOwner(String group, String memberId, int epoch) {}
