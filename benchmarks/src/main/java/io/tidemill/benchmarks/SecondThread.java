package io.tidemill.benchmarks;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The other thread of a benchmark that needs two. What it throws, {@link #join} throws. */
final class SecondThread {
    private final FutureTask<Boolean> task;

    private SecondThread(Runnable work) {
        task = new FutureTask<>(work, true);
    }

    static SecondThread run(Runnable work) {
        SecondThread second = new SecondThread(work);
        Thread thread = new Thread(second.task, "second");
        thread.setDaemon(true);
        thread.start();
        return second;
    }

    boolean isDone() {
        return task.isDone();
    }

    void join() throws InterruptedException, ExecutionException {
        task.get();
    }
}
