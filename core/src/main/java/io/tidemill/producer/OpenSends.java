package io.tidemill.producer;

import io.tidemill.lane.Partition;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one producer has sent to one partition and has not been told of, so that whoever closes it can give up on that. The
 * records are linked among themselves: this costs no object for any of them.
 *
 * <p>Senders link to the end, whoever delivers unlinks from the start, and a third may look meanwhile. What is unlinked
 * points to itself: it must not hold on to all that came later, and who looks begins anew there. The first one is reported,
 * or never was a record.
 */
final class OpenSends {
    private static final VarHandle FIRST;
    private static final VarHandle LAST;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FIRST = lookup.findVarHandle(OpenSends.class, "first", ReportedSend.class);
            LAST = lookup.findVarHandle(OpenSends.class, "last", ReportedSend.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Partition partition;
    private volatile ReportedSend first;

    @SuppressWarnings("unused")
    private ReportedSend last;

    /** Begins with one that is no record. */
    OpenSends(Partition partition, ReportedSend none) {
        this.partition = partition;
        first = none;
        last = none;
    }

    Partition partition() {
        return partition;
    }

    /** Any thread. */
    void add(ReportedSend send) {
        ReportedSend former = (ReportedSend) LAST.getAndSet(this, send);
        former.nextRelease(send);
    }

    /** Any thread: mostly the one that delivers, and beside it a lane that is being stopped. */
    void removeReported() {
        ReportedSend at = first;
        ReportedSend next = at.nextAcquire();
        while (next != null && next.isReportedAcquire() && FIRST.compareAndSet(this, at, next)) {
            at.nextRelease(at);
            at = next;
            next = at.nextAcquire();
        }
    }

    /** Whether all of them were reported. Any thread. */
    boolean isEmpty() {
        return first.nextAcquire() == null;
    }

    /** Any thread. Those that are reported meanwhile may be among them. */
    void forEach(Consumer<ReportedSend> visitor) {
        ReportedSend at = first;
        @Nullable ReportedSend next = at.nextAcquire();
        while (next != null) {
            if (next == at) {
                at = first;
            } else {
                visitor.accept(next);
                at = next;
            }
            next = at.nextAcquire();
        }
    }
}
