package io.tidemill.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.spi.SetClock;
import org.junit.jupiter.api.Test;

/** Flushes of 100 ms on a clock that stands, where every look for more takes 1 ms. */
class GroupCommitTest {
    private final SetClock clock = new SetClock(0);
    private final GroupCommit groupCommit = new GroupCommit(clock);
    private int looks;

    @Test
    void waitsForThoseWhoWereAnsweredAndSendAgain() {
        flush(8);

        assertEquals(16, groupCommit.gather(8, this::oneMore));

        assertEquals(8, looks);
    }

    @Test
    void givesUpAfterHalfAFlush() {
        flush(8);

        assertEquals(3, groupCommit.gather(3, this::none));

        assertEquals(50, looks);
    }

    @Test
    void expectsNoMoreThanCameTheLastTime() {
        flush(8);
        flush(groupCommit.gather(3, this::none));
        looks = 0;

        assertEquals(6, groupCommit.gather(3, this::oneMore));

        assertEquals(3, looks);
    }

    @Test
    void neverWaitsForAProducerThatIsAlone() {
        flush(1);

        assertEquals(1, groupCommit.gather(1, this::oneMore));

        assertEquals(0, looks);
    }

    @Test
    void neverWaitsWhenFlushesTakeNoTime() {
        groupCommit.gather(8, this::none);
        groupCommit.onFlushed(8);

        assertEquals(8, groupCommit.gather(8, this::oneMore));

        assertEquals(0, looks);
    }

    private void flush(int runs) {
        groupCommit.gather(runs, this::none);
        clock.advance(100);
        groupCommit.onFlushed(runs);
        looks = 0;
    }

    private int oneMore(int runsMax) {
        looks++;
        clock.advance(1);
        return 1;
    }

    private int none(int runsMax) {
        looks++;
        clock.advance(1);
        return 0;
    }
}
