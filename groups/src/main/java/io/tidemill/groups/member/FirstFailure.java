package io.tidemill.groups.member;

import org.jspecify.annotations.Nullable;

/** What went wrong first while several things are to be done in any case. */
final class FirstFailure {
    private @Nullable Throwable first;

    /** Does it, and keeps what it throws. */
    void guard(Runnable act) {
        try {
            act.run();
        } catch (RuntimeException | Error e) {
            if (first == null) {
                first = e;
            } else if (first != e) {
                first.addSuppressed(e);
            }
        }
    }

    /** Once. */
    void throwIfAny() {
        Throwable failure = first;
        first = null;
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
