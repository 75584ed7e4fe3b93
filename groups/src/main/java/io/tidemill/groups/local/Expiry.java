package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.spi.Clock;
import java.time.Duration;
import java.util.List;

/** When it is to be looked what nobody wants to know any more of how far groups have read. Owned as the {@link GroupTable} is. */
final class Expiry {
    /** Kafka's {@code offsets.retention.check.interval.ms}. */
    private static final long INTERVAL_NS = Duration.ofMinutes(10).toNanos();

    /** Kafka's {@code offsets.retention.minutes}. */
    private static final long RETENTION_MS = Duration.ofDays(7).toMillis();

    private final Clock clock;
    private final GroupTable table;
    private long dueNs;

    Expiry(Clock clock, GroupTable table) {
        this.clock = clock;
        this.table = table;
        this.dueNs = clock.nowNs() + INTERVAL_NS;
    }

    boolean isDue() {
        return clock.nowNs() - dueNs >= 0;
    }

    /** It is looked now. */
    void begin() {
        dueNs = clock.nowNs() + INTERVAL_NS;
    }

    /** Perhaps nobody else asks for the group. */
    void expire(LocalGroup group, List<GroupEvent> events) {
        table.tick(group, events);
        group.core().onExpiry(RETENTION_MS, table.moment(), events);
    }
}
