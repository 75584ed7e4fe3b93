package io.tidemill.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** C07: waits between attempts double up to a bound. */
class BackoffTest {
    @Test
    void doublesUpToItsBound() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

        assertEquals(Duration.ofMillis(100), backoff.after(1));
        assertEquals(Duration.ofMillis(200), backoff.after(2));
        assertEquals(Duration.ofMillis(800), backoff.after(4));
        assertEquals(Duration.ofSeconds(1), backoff.after(5));
    }

    @Test
    void neverOverflows() {
        Backoff longest = new Backoff(Duration.ofNanos(1), Duration.ofSeconds(Long.MAX_VALUE));

        for (int failures = 1; failures <= 62; failures++) {
            assertEquals(Duration.ofNanos(1L << (failures - 1)), longest.after(failures));
        }
        assertEquals(Duration.ofNanos(Long.MAX_VALUE), longest.after(65));
        assertEquals(Duration.ofNanos(Long.MAX_VALUE), longest.after(Integer.MAX_VALUE));
    }

    @Test
    void isNothingWhenItStartsWithNothing() {
        assertEquals(Duration.ZERO, new Backoff(Duration.ZERO, Duration.ofSeconds(1)).after(Integer.MAX_VALUE));
    }
}
