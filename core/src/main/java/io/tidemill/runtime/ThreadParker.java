package io.tidemill.runtime;

import io.tidemill.spi.Parker;
import java.util.concurrent.locks.LockSupport;

/** Parks the thread itself. */
public enum ThreadParker implements Parker {
    INSTANCE;

    @Override
    public void park(long maxNs) {
        LockSupport.parkNanos(this, maxNs);
    }

    @Override
    public void unpark(Thread thread) {
        LockSupport.unpark(thread);
    }
}
