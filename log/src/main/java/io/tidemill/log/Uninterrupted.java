package io.tidemill.log;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Reads and writes files on threads that may be interrupted. Java closes a channel under a thread that is; here the
 * interrupt is laid aside until the work is done, and the thread is interrupted again when the call returns.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Opens what it needs each time that it is called, and can be called again when it was interrupted. */
    interface Work<T> {
        T run() throws IOException;
    }

    static <T> T run(Work<T> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
