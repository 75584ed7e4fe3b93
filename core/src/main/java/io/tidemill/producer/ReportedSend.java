package io.tidemill.producer;

import io.tidemill.DeliveryListener;
import io.tidemill.errors.BufferExhaustedException;
import io.tidemill.lane.Partition;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.CallerWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A sent record of a {@link ReportingProducer}: it is counted, reported once, and can be given up by who closes the producer.
 * Whoever reports it first has it alone: the delivery thread, or the one that closes.
 */
final class ReportedSend extends SendFuture {
    private static final VarHandle IS_REPORTED;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            IS_REPORTED = lookup.findVarHandle(ReportedSend.class, "isReported", boolean.class);
            NEXT = lookup.findVarHandle(ReportedSend.class, "next", ReportedSend.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Reports reports;
    private final @Nullable DeliveryListener listener;

    @SuppressWarnings("unused")
    private boolean isReported;

    /** Which belongs to {@link OpenSends}. */
    @SuppressWarnings("unused")
    private @Nullable ReportedSend next;

    ReportedSend(Partition partition, CallerWait callerWait, Reports reports, @Nullable DeliveryListener listener) {
        super(partition, callerWait);
        this.reports = reports;
        this.listener = listener;
    }

    @Override
    @Nullable
    RunSink sink() {
        return reports.areAwaited() ? this : null;
    }

    @Override
    public boolean awaitsReplicas() {
        return reports.awaitReplicas();
    }

    @Override
    void onClaimed() {
        reports.onAccepted(this, to());
    }

    @Override
    void refuse(BufferExhaustedException cause) {
        if (!reports.dropsNewest()) {
            throw cause;
        }
        if (claimReport()) {
            reports.onDropped(this, listener, cause);
            answer(cause);
        }
    }

    @Override
    public void deliver() {
        if (claimReport()) {
            reports.onAnswered(this, listener, failure());
            answer(failure());
        }
        reports.onDelivered(to());
    }

    @Override
    void giveUp(RuntimeException cause) {
        if (claimReport()) {
            // Not with itself: the lane may be about to give it an offset.
            reports.onAnswered(new UnknownPlace(topic(), partition()), listener, cause);
            answer(cause);
        }
    }

    private boolean claimReport() {
        return IS_REPORTED.compareAndSet(this, false, true);
    }

    boolean isReportedAcquire() {
        return (boolean) IS_REPORTED.getAcquire(this);
    }

    @Nullable
    ReportedSend nextAcquire() {
        return (ReportedSend) NEXT.getAcquire(this);
    }

    void nextRelease(ReportedSend send) {
        NEXT.setRelease(this, send);
    }
}
