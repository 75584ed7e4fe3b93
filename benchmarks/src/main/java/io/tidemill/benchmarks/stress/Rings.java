package io.tidemill.benchmarks.stress;

import io.tidemill.ring.ProduceRing;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;

/** Rings so small that a stress test can make one for each try. */
final class Rings {
    static final int RUN_BYTES = 64;

    private static final int CAPACITY_BYTES = 1024;

    static {
        JvmAccess.ensureAgrona();
    }

    private Rings() {}

    static ProduceRing small() {
        return new ProduceRing(CAPACITY_BYTES, new Wakeup(ThreadParker.INSTANCE));
    }
}
