package io.tidemill.benchmarks.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One thread hands over a run with its sink; the lane drains once. Anything else than these two is forbidden. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not there yet.")
@Outcome(id = "42, 1", expect = ACCEPTABLE, desc = "The whole run, with its sink.")
@State
public class RingSinkStress {
    private final ProduceRing ring = Rings.small();
    private final RunSink sink = new RunSink() {
        @Override
        public boolean isForOneRun() {
            return true;
        }

        @Override
        public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {}

        @Override
        public void onFailed(int recordCount, RuntimeException cause) {}
    };

    @Actor
    public void producer() {
        int claim = ring.claim(0, Rings.RUN_BYTES, sink);
        ring.buffer().putInt(claim + Rings.RUN_BYTES - Integer.BYTES, 42);
        ring.commit(claim);
    }

    @Actor
    public void lane(II_Result result) {
        ring.drain(
                (slot, buffer, index, length, runSink) -> {
                    result.r1 = buffer.getInt(index + length - Integer.BYTES);
                    result.r2 = runSink == sink ? 1 : 0;
                },
                1);
    }
}
