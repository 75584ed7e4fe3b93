package io.tidemill.benchmarks.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Parker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A sleeper announces itself and looks for the last time; another thread publishes and signals. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The last look sees what was published.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The signal sees the sleeper.")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both: woken for nothing.")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "Neither: it would sleep with work at hand.")
@State
public class WakeupStress {
    private boolean unparked;
    private boolean published;

    private final Wakeup wakeup = new Wakeup(new Parker() {
        @Override
        public void park(long maxNs) {}

        @Override
        public void unpark(Thread thread) {
            unparked = true;
        }
    });

    @Actor
    public void sleeper(ZZ_Result result) {
        wakeup.announce();
        result.r1 = published;
    }

    @Actor
    public void publisher(ZZ_Result result) {
        published = true;
        wakeup.signal();
        result.r2 = unparked;
    }
}
