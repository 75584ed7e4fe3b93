package io.tidemill.groups.member;

import org.jspecify.annotations.Nullable;

/** What went wrong first while several things are to be done in any case. */
final class FirstFailure {
    private @Nullable RuntimeException first;

    /** Does it, and keeps what it throws. */
    void guard(Runnable act) {
        try {
            act.run();
        } catch (RuntimeException e) {
            if (first == null) {
                first = e;
            } else if (first != e) {
                first.addSuppressed(e);
            }
        }
    }

    /** Once. */
    void throwIfAny() {
        RuntimeException failure = first;
        first = null;
        if (failure != null) {
            throw failure;
        }
    }
}
