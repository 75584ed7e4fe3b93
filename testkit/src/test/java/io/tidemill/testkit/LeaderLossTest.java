package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Acks;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P08: what is left of acknowledged records when their leader dies right after it. */
class LeaderLossTest {
    private static final int SEEDS = 20;
    private static final int MANY_SEEDS = 1_000;

    @ParameterizedTest
    @EnumSource
    void acknowledgedByAllNothingIsLostAndByTheLeaderOnlyWhatTheNextOneHadNot(Acks acks) {
        run(acks, SEEDS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void theSameForManySeeds(Acks acks) {
        run(acks, MANY_SEEDS);
    }

    private static void run(Acks acks, int seeds) {
        int acknowledged = 0;
        int lost = 0;
        for (long seed = 0; seed < seeds; seed++) {
            LeaderLossSimulation.Outcome outcome = new LeaderLossSimulation(seed, acks).run();
            acknowledged += outcome.acknowledged();
            lost += outcome.lost();
        }
        System.out.println("acks=" + acks + ", seeds=" + seeds + ", acknowledged=" + acknowledged + ", lost=" + lost);
        assertTrue(acknowledged > 10 * seeds, "acknowledged=" + acknowledged);
        if (acks == Acks.LEADER) {
            // Otherwise nothing was tried.
            assertTrue(lost > seeds / 2, "lost=" + lost);
        } else if (acks == Acks.ALL) {
            assertEquals(0, lost);
        }
    }
}
