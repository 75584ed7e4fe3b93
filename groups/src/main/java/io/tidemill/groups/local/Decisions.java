package io.tidemill.groups.local;

import io.tidemill.broker.HostBroker;
import io.tidemill.runtime.CallerFuture;
import io.tidemill.runtime.CallerWait;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How something is decided that is kept in a log: under the lock, and what changes is handed to the log in that order. Nobody
 * waits for the log under the lock, and nobody is told anything before that is written, and all that it rests on. Where
 * something could not be written, all is read again from the log before the next decision.
 *
 * <p>Any thread.
 */
final class Decisions {
    private final HostBroker broker;
    private final EventLog log;
    private final Runnable replay;
    private final ReentrantLock lock = new ReentrantLock();

    /** Something waits that need not wait any more. */
    private volatile boolean isFlushDue;

    /** What is known is not what the log says. */
    private boolean isAstray;

    /**
     * @param replay makes everything what the log says
     */
    Decisions(HostBroker broker, EventLog log, Runnable replay) {
        this.broker = broker;
        this.log = log;
        this.replay = replay;
    }

    /** Makes everything what the log says. Under the lock, or before others can come. */
    void readAgain() {
        replay.run();
        // Another broker writes into what this one only reads.
        isAstray = broker.isReadOnly();
    }

    /** Decides, and tells the answer when what it rests on is written; otherwise as {@link #decide}. */
    <E, T> T request(Function<List<E>, T> question, Function<List<E>, CompletableFuture<?>> append) {
        broker.callerWait().requireOpen();
        broker.callerWait().requireMayWait();
        CompletableFuture<?>[] written = new CompletableFuture<?>[1];
        T answer = decide(question, append, (decided, future) -> {
            written[0] = future;
            return decided;
        });
        CallerFuture.await(written[0]);
        return answer;
    }

    /**
     * Decides, and waits for no more than it takes to know the truth.
     *
     * @param question puts down what changes
     * @param append hands that to the log
     * @param told makes one of the answer and of what is completed when it may be told
     */
    <E, T, R> R decide(
            Function<List<E>, T> question,
            Function<List<E>, CompletableFuture<?>> append,
            BiFunction<T, CompletableFuture<?>, R> told) {
        lock.lock();
        try {
            comeToRights();
            List<E> changes = new ArrayList<>();
            CompletableFuture<?> written = null;
            try {
                T answer = question.apply(changes);
                written = append.apply(changes);
                return told.apply(answer, written);
            } finally {
                isAstray |= written == null && !changes.isEmpty();
            }
        } finally {
            lock.unlock();
            flushIfFree();
        }
    }

    /** What waits for the log is appended, by this thread or by the one that has the lock. Any thread; waits for nobody. */
    void flushSoon() {
        isFlushDue = true;
        flushIfFree();
    }

    private void flushIfFree() {
        // Whoever has the lock looks again behind it.
        while (isFlushDue && lock.tryLock()) {
            try {
                isFlushDue = false;
                log.flush();
            } finally {
                lock.unlock();
            }
        }
        if (!lock.isHeldByCurrentThread()) {
            log.tell();
        }
    }

    /** Under the lock, which is given up while something is still on its way to the log. */
    private void comeToRights() {
        while (isAstray || log.hasFailed()) {
            log.flush();
            if (log.isQuiet()) {
                readAgain();
                return;
            }
            broker.callerWait().requireMayWait();
            lock.unlock();
            try {
                broker.callerWait().until(log::isQuiet, CallerWait.FOREVER, null);
                broker.callerWait().requireOpen();
            } finally {
                lock.lock();
            }
        }
    }
}
