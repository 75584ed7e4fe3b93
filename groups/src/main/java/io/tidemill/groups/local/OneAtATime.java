package io.tidemill.groups.local;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work that whichever thread comes by does, one at a time; who comes by while another is at it makes that one look once more, and
 * waits for nobody. What the work has to tell is told outside of it: those who hear of it may call anything.
 */
final class OneAtATime {
    private final Runnable work;
    /** How often somebody came by since the one at work looked. */
    private final AtomicInteger visits = new AtomicInteger();

    private final Queue<Runnable> untold = new ConcurrentLinkedQueue<>();

    OneAtATime(Runnable work) {
        this.work = work;
    }

    void comeBy() {
        if (visits.getAndIncrement() == 0) {
            int seen;
            do {
                seen = visits.get();
                work.run();
            } while (visits.addAndGet(-seen) != 0);
        }
        for (Runnable next = untold.poll(); next != null; next = untold.poll()) {
            next.run();
        }
    }

    /** Tells that later. Called by the work. */
    void tell(Runnable what) {
        untold.add(what);
    }
}
