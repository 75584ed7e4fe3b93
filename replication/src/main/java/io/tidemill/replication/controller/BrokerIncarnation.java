package io.tidemill.replication.controller;

import java.util.UUID;

/**
 * One life of a broker, from its opening to its end, as the broker tells it.
 *
 * @param id tells it from other lives
 * @param address where the broker is reached, as text that only the transport understands
 * @param rack what it shares a fate with others by; {@link #NO_RACK} for nothing
 * @param startedMs when it began, by the broker's own clock; for people to read
 */
public record BrokerIncarnation(UUID id, String address, String rack, long startedMs) {
    public static final String NO_RACK = "";
}
