package io.tidemill.groups.local;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How questions are answered: nobody is told anything before that is written, and all that it rests on. Any thread. */
public interface Answering {
    /** Waits for the answer. */
    <T> T request(Question<T> question);

    /** Does not wait for it, where that takes long: for who commits again and again. */
    <T> Answer<T> ask(Question<T> question);

    /**
     * An answer.
     *
     * @param early what is known of it already, though it is not written yet; or null
     * @param written completed when it may be told; with the answer, if that is not known early
     */
    record Answer<T>(@Nullable T early, CompletableFuture<? extends @Nullable Object> written) {}

    /** As {@link io.tidemill.broker.Companion#doWork}. */
    int doWork();

    /** As {@link io.tidemill.broker.Companion#idleNsMax}. */
    long idleNsMax();

    /** As {@link io.tidemill.broker.Companion#onBrokerClosing}. */
    void onBrokerClosing(Duration patience);

    /** The broker is closed; who waits is told so. */
    void onBrokerClosed();
}
