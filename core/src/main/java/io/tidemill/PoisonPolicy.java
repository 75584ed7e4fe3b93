package io.tidemill;

import java.util.Objects;

/**
 * What a {@link RecordLoop} does with a record that it cannot get handled: its handler failed as often as {@link
 * LoopSettings} allow, or its bytes could not be deserialized.
 */
public sealed interface PoisonPolicy {
    /**
     * The loop ends with an exception that names the record, which is the next one when it runs again.
     *
     * @return the default
     */
    static PoisonPolicy stop() {
        return new Stop();
    }

    /**
     * The record is logged with what went wrong, counts as handled, and the loop goes on.
     *
     * @return loses records
     */
    static PoisonPolicy skip() {
        return new Skip();
    }

    /**
     * The record is sent to another topic, byte for byte and with {@link DeadLetterHeaders} on top of its own. The loop goes
     * on when it is acknowledged there; when it cannot be sent, the loop ends as with {@link #stop}.
     *
     * @param topic the name of a topic of the same broker
     * @return loses none
     */
    static PoisonPolicy deadLetter(String topic) {
        return new DeadLetter(topic);
    }

    /** See {@link PoisonPolicy#stop}. */
    record Stop() implements PoisonPolicy {}

    /** See {@link PoisonPolicy#skip}. */
    record Skip() implements PoisonPolicy {}

    /**
     * See {@link PoisonPolicy#deadLetter}.
     *
     * @param topic where to
     */
    record DeadLetter(String topic) implements PoisonPolicy {
        /** Validates. */
        public DeadLetter {
            Objects.requireNonNull(topic, "topic");
        }
    }
}
