package io.tidemill;

import java.util.List;

/**
 * How a broker is at one moment, and what does not work.
 *
 * @param status what it comes to
 * @param problems each on its own; empty when all is well
 */
public record Health(Status status, List<Problem> problems) {
    /** What the problems come to. */
    public enum Status {
        /** All is well. */
        UP,
        /** It works, but for what the problems name. */
        DEGRADED,
        /** It takes no record any more: it was closed, or all its lanes have stopped. */
        DOWN
    }

    /**
     * Something that does not work. It is told as long as it lasts, or until it was tried again with success.
     *
     * @param part what it concerns: "broker", a lane or the maintenance by the name of its thread, or a partition as "topic-0"
     * @param sentence what is wrong, and why
     */
    public record Problem(String part, String sentence) {
        @Override
        public String toString() {
            return part + ": " + sentence;
        }
    }

    /** Copies. */
    public Health {
        problems = List.copyOf(problems);
    }
}
