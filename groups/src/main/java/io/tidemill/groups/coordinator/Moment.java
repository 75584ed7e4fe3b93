package io.tidemill.groups.coordinator;

import java.util.Map;

/**
 * What there is around a group when it is asked something.
 *
 * @param topics how many partitions each topic of the broker has
 * @param nowNs of one clock, compared by subtraction
 * @param epochMs by the calendar: for what must outlive a restart
 */
public record Moment(Map<String, Integer> topics, long nowNs, long epochMs) {}
