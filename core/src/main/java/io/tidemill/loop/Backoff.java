package io.tidemill.loop;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits that double. Without chance in them: a loop that waits has nobody to be in step with. */
final class Backoff {
    private final long firstNs;
    private final long maxNs;

    Backoff(Duration first, Duration max) {
        // Without overflow: whoever asks for more gets 292 years.
        this.firstNs = TimeUnit.NANOSECONDS.convert(first);
        this.maxNs = TimeUnit.NANOSECONDS.convert(max);
    }

    /** The wait after that many failures, of which there was one at least. */
    Duration after(int failures) {
        int doublings = failures - 1;
        boolean isBeyondMax = doublings >= Long.numberOfLeadingZeros(firstNs) - 1;
        return Duration.ofNanos(firstNs == 0 ? 0 : isBeyondMax ? maxNs : Math.min(firstNs << doublings, maxNs));
    }
}
