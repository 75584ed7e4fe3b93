package io.tidemill.runtime;

import java.util.function.Supplier;

/**
 * Runs what must not be cut short: an interrupt of a thread closes the file channels it uses. The interrupt comes back
 * afterwards.
 */
public final class DeferredInterrupt {
    private DeferredInterrupt() {}

    public static <T> T call(Supplier<T> work) {
        boolean interrupted = Thread.interrupted();
        try {
            return work.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public static void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }
}
