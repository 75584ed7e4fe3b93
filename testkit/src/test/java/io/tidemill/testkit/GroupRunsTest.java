package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** G01, B04: real members under everything that happens to groups; what the pure core stands is tried in its module. */
class GroupRunsTest {
    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void nobodyCommitsWhatAnotherReadsAndEverythingIsReadInOrder() {
        run(SEEDS);
    }

    @Test
    @Tag("long")
    void theSameForManySeeds() {
        run(MANY_SEEDS);
    }

    private static void run(int seeds) {
        int fenced = 0;
        int failed = 0;
        int moved = 0;
        for (long seed = 0; seed < seeds; seed++) {
            GroupRuns.Outcome outcome = new GroupRuns(seed).run();
            fenced += outcome.fenced();
            failed += outcome.failed();
            moved += outcome.moved();
        }
        assertTrue(
                fenced > seeds / 2 && failed > seeds / 2 && moved > seeds,
                "fenced=" + fenced + ", failed=" + failed + ", moved=" + moved);
    }
}
