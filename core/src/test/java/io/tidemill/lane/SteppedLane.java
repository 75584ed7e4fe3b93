package io.tidemill.lane;

import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import java.time.Duration;

/** Lanes without a thread: a test runs their duty cycles, and nobody listens. */
public final class SteppedLane {
    private SteppedLane() {}

    /** One that nobody has to signal either. */
    public static Lane create(Clock clock) {
        Wakeup wakeup = new Wakeup(ThreadParker.INSTANCE);
        return over(new ProduceRing(64 * 1024, wakeup), new DeliveryQueue(wakeup, wakeup), clock);
    }

    static Lane over(ProduceRing ring, DeliveryQueue deliveries, Clock clock) {
        return new Lane("lane", clock, new Telemetry(clock, null), ring, deliveries, Duration.ofMinutes(5));
    }
}
