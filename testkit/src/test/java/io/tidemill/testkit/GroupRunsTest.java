package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** G01, B04: real members under everything that happens to groups; what the pure core stands is tried in its module. */
class GroupRunsTest {
    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;
    /** Each takes as long as ten of the others. */
    private static final int CLUSTER_SEEDS = 30;

    private static final int MANY_CLUSTER_SEEDS = 1_000;

    private interface Place {
        GroupRuns.Surroundings with(SplittableRandom random, ManualClock clock);
    }

    @Test
    void nobodyCommitsWhatAnotherReadsAndEverythingIsReadInOrder() {
        run(SEEDS, OneBroker::new);
    }

    @Test
    @Tag("long")
    void theSameForManySeeds() {
        run(MANY_SEEDS, OneBroker::new);
    }

    @Test
    void theSameOverBrokersThatDieAndAreCutOff() {
        run(CLUSTER_SEEDS, BadCluster::new);
    }

    @Test
    @Tag("long")
    void theSameOverBrokersForManySeeds() {
        run(MANY_CLUSTER_SEEDS, BadCluster::new);
    }

    private static void run(int seeds, Place place) {
        int fenced = 0;
        int failed = 0;
        int moved = 0;
        for (long seed = 0; seed < seeds; seed++) {
            GroupRuns.Outcome outcome = run(seed, place);
            fenced += outcome.fenced();
            failed += outcome.failed();
            moved += outcome.moved();
        }
        assertTrue(
                fenced > seeds / 2 && failed > seeds / 2 && moved > seeds,
                "fenced=" + fenced + ", failed=" + failed + ", moved=" + moved);
    }

    private static GroupRuns.Outcome run(long seed, Place place) {
        SplittableRandom random = new SplittableRandom(seed);
        ManualClock clock = new ManualClock();
        return new GroupRuns(seed, random, clock, place.with(random, clock)).run();
    }
}
