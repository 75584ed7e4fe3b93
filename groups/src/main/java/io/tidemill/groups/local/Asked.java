package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A question, and who waits for the answer. */
record Asked<T>(Question<T> question, CompletableFuture<T> answer) {
    /**
     * Answers it as things stand.
     *
     * @param events takes what it changes
     */
    Decided decide(LocalGroup home, List<GroupEvent> events) {
        T given = question.body().apply(home, events);
        return new Decided(this, events, () -> answer.complete(given));
    }
}
