package io.tidemill.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that the broker completes. Where the broker has no threads, the one that waits for it does the broker's work; and a
 * callback on the broker's own thread is refused, which would wait for itself. So are those that depend on it.
 */
public class CallerFuture<T> extends CompletableFuture<T> {
    private final CallerWait callerWait;

    public CallerFuture(CallerWait callerWait) {
        this.callerWait = callerWait;
    }

    /** Waits for its result; fails with what it failed with, and not with what that is wrapped in. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CallerFuture<>(callerWait);
    }

    @Override
    public T join() {
        while (callerWait.isHelpNeeded() && !isDone()) {
            // Again after an interrupt, which join() does not care for.
            help(CallerWait.FOREVER);
        }
        requireDoneOrMayWait();
        return super.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        help(CallerWait.FOREVER);
        requireDoneOrMayWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        help(Duration.ofNanos(unit.toNanos(timeout)));
        requireDoneOrMayWait();
        return callerWait.isHelpNeeded() ? super.get(0, unit) : super.get(timeout, unit);
    }

    private void requireDoneOrMayWait() {
        if (!isDone()) {
            callerWait.requireMayWait();
        }
    }

    /** Nobody else would. */
    private void help(Duration timeout) {
        if (callerWait.isHelpNeeded()) {
            callerWait.until(this::isDone, timeout, null);
        }
    }
}
