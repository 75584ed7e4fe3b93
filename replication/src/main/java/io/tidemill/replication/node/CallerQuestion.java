package io.tidemill.replication.node;

import io.tidemill.errors.UnansweredException;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a caller's thread asks the lane's, and waits for. */
final class CallerQuestion<T> {
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final AtomicReference<@Nullable T> answer = new AtomicReference<>();

    /** On a thread that may wait, while the broker is open. */
    CallerQuestion(CallerWait callerWait) {
        callerWait.requireOpen();
        callerWait.requireMayWait();
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
    }

    /** Whom the lane's thread tells. */
    Consumer<T> listener() {
        return given -> {
            answer.set(given);
            wakeup.signal();
        };
    }

    /**
     * Waits for the answer.
     *
     * @param otherwise what it means if there is none
     * @throws UnansweredException when there is none in time
     */
    T await(Duration timeout, String otherwise) {
        callerWait.until(() -> answer.get() != null, timeout, wakeup);
        T given = answer.get();
        if (given == null) {
            callerWait.requireOpen();
            throw new UnansweredException(otherwise + ", timeout=" + timeout);
        }
        return given;
    }
}
