package io.tidemill.testkit;

import io.tidemill.spi.Parker;

/** Lets something happen just when a thread would sleep, and counts how often one does. */
final class ParkHook implements Parker {
    private final Parker delegate;
    private Runnable nextPark = () -> {};
    private int parks;

    ParkHook(Parker delegate) {
        this.delegate = delegate;
    }

    /** Before the next sleep, once. */
    void beforeNextPark(Runnable action) {
        nextPark = action;
    }

    int parks() {
        return parks;
    }

    @Override
    public void park(long maxNs) {
        parks++;
        Runnable action = nextPark;
        nextPark = () -> {};
        action.run();
        delegate.park(maxNs);
    }

    @Override
    public void unpark(Thread thread) {
        delegate.unpark(thread);
    }
}
