package io.tidemill.benchmarks.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.tidemill.ring.ProduceRing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** One thread claims and commits; another closes the ring and looks whether anything is left to be written. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Accepted, and whoever closes waits for it.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Refused, and nothing is left.")
@Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Refused after it was claimed: padding is left.")
@Outcome(id = "true, true", expect = FORBIDDEN, desc = "Accepted, and nobody would ever write it.")
@State
public class RingCloseStress {
    private final ProduceRing ring = Rings.small();

    @Actor
    public void producer(ZZ_Result result) {
        int claim = ring.claim(0, Rings.RUN_BYTES, null);
        if (claim >= 0) {
            ring.commit(claim);
        }
        result.r1 = claim >= 0;
    }

    @Actor
    public void closer(ZZ_Result result) {
        ring.close();
        result.r2 = ring.isEmpty();
    }
}
