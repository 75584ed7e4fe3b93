package io.tidemill.replication.link;

import io.tidemill.replication.link.LinkSimulation.Outcome;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.simulation.Outcomes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each session delivers a prefix of what was sent, once and in order, and never stalls on a wire that works. */
class LinkSimulationTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int SEEDS = 300;
    private static final int MANY_SEEDS = 10_000;

    @Test
    void holdsUnderEverythingThatHappens() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void holdsUnderMuchMore() {
        run(SEEDS, MANY_SEEDS);
    }

    private static void run(int firstSeed, int seeds) {
        Outcomes.of("LinkSimulation", firstSeed, seeds, seed -> new LinkSimulation(seed).run())
                .requireOnAverage(1_000, "received", Outcome::received)
                .requireOnAverage(5, "restarts", Outcome::restarts)
                .requireOnAverage(5, "disconnects", Outcome::disconnects)
                .requireOnAverage(0.2, "calm", Outcome::calm);
    }
}
