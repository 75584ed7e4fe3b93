package io.tidemill.replication.controller;

import org.jspecify.annotations.Nullable;

/** A request is refused. Never leaves the package. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    RefusedException(Refusal refusal, @Nullable String message) {
        super(message, null, false, false);
        this.refusal = refusal;
    }

    /** @param fact what says so */
    RefusedException(Refusal refusal, RuntimeException fact) {
        this(refusal, String.valueOf(fact.getMessage()));
    }

    Refusal refusal() {
        return refusal;
    }
}
