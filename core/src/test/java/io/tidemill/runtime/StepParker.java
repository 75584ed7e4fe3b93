package io.tidemill.runtime;

import io.tidemill.spi.Parker;
import java.util.function.LongConsumer;

/** Where one thread runs everything, nobody sleeps: who waits has the others go on. */
public final class StepParker implements Parker {
    private final LongConsumer step;

    /** @param step is told how long the caller would wait at most */
    public StepParker(LongConsumer step) {
        this.step = step;
    }

    @Override
    public void park(long maxNs) {
        step.accept(maxNs);
    }

    @Override
    public void unpark(Thread thread) {
        // nobody sleeps
    }
}
