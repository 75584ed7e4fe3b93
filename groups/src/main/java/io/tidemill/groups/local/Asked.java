package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A question, and who waits for the answer.
 *
 * @param sinceNs when it was asked
 */
record Asked<T>(Question<T> question, CompletableFuture<T> answer, long sinceNs) {
    /**
     * Answers it as things stand.
     *
     * @param events takes what it changes
     */
    Decided decide(LocalGroup home, List<GroupEvent> events) {
        T given = question.body().apply(home, events);
        return new Decided(this, events, () -> answer.complete(given));
    }

    /** It is answered by an exception, and changes nothing. */
    Decided refused(RuntimeException cause) {
        return new Decided(this, List.of(), () -> answer.completeExceptionally(cause));
    }
}
