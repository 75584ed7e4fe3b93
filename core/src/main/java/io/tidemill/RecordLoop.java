package io.tidemill;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Gives each record of a {@link Consumer} to a {@link RecordHandler}, one after the other on one thread, and commits after
 * it. What fails is tried again, and then goes the way of the {@link PoisonPolicy}. Made by {@link Broker#loop}.
 *
 * <p>A record is committed only after it was handled, so none is lost. However a run ends, what was handled is committed, so
 * that it comes again only after the process died or the {@link Committer} failed.
 *
 * <p>The consumer belongs to the loop, and is closed with it. A run that ended by an exception or an interrupt leaves it at
 * the first record that was not handled; another run begins there.
 *
 * <p>Any thread may {@link #close}; the others may be called by one thread at a time.
 */
public interface RecordLoop extends AutoCloseable {
    /**
     * Handles records on the calling thread, until the loop is closed or the thread is interrupted: then the record in hand
     * is finished, and the interrupt stays set. A handler that fails on an interrupted thread is not called again, and its
     * record counts as not handled.
     *
     * @throws io.tidemill.errors.PoisonRecordException when a record cannot be handled, and the policy says so
     * @throws io.tidemill.errors.TidemillException when the consumer cannot read on
     * @throws IllegalStateException when the loop is closed or runs already
     */
    void run();

    /**
     * One round on the calling thread: polls once, handles what that gives, commits. For brokers without threads of their
     * own, and for tests; otherwise as {@link #run}.
     *
     * @param timeout how long to wait for the first record
     * @return how many records were done with
     */
    int runOnce(Duration timeout);

    /**
     * Runs on a thread of its own, named {@code tidemill-loop} and made by the broker's {@link io.tidemill.spi.Threads}.
     * Interrupts of that thread mean nothing. What ends it before its time is told by the future, and nowhere else.
     *
     * @return completed when the run ends, exceptionally with what {@link #run} would throw
     * @throws IllegalStateException when the loop is closed or runs already, or the broker is to have no threads
     */
    CompletableFuture<Void> start();

    /**
     * Ends the run after the record in hand, at once if none is or if it waits to be tried again; commits, and closes the
     * consumer. Waits for that, unless called by the handler or a callback of the broker; an interrupt ends only the wait.
     * Idempotent.
     */
    @Override
    void close();
}
