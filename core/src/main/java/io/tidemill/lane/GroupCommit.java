package io.tidemill.lane;

import io.tidemill.spi.Clock;
import java.util.function.IntUnaryOperator;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * Lets producers share a flush that each of them waits for. Those that the last flush answered are about to send again,
 * beside those that came while it was running; if all of them come within a fraction of what a flush takes, then one flush
 * answers all, instead of two that answer half of them each. A producer that is alone never waits.
 *
 * <p>Owned by the lane thread.
 */
final class GroupCommit {
    /** Waiting longer for others than half a flush costs those that are there more than it can bring. */
    private static final int PATIENCE_FRACTION = 2;

    private final Clock clock;
    private final IdleStrategy idle = YieldingIdleStrategy.INSTANCE;
    private int answeredRuns;
    private long flushNs;
    private long gatheredNs;

    GroupCommit(Clock clock) {
        this.clock = clock;
    }

    /**
     * Waits for those that are expected.
     *
     * @param waitingRuns how many are there
     * @param drain takes up to so many more, and tells how many
     * @return how many are there now
     */
    int gather(int waitingRuns, IntUnaryOperator drain) {
        int expected = Math.min(waitingRuns + answeredRuns, Lane.RUNS_AT_A_TIME);
        int runs = waitingRuns;
        long startNs = clock.nowNs();
        gatheredNs = startNs;
        while (runs < expected && answeredRuns > 1 && gatheredNs - startNs < flushNs / PATIENCE_FRACTION) {
            idle.idle();
            runs += drain.applyAsInt(expected - runs);
            gatheredNs = clock.nowNs();
        }
        return runs;
    }

    /** All that was gathered is flushed and answered. */
    void onFlushed(int runs) {
        answeredRuns = runs;
        flushNs = clock.nowNs() - gatheredNs;
    }
}
