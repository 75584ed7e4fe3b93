package io.tidemill.producer;

import io.tidemill.lane.DeliveryQueue;
import io.tidemill.lane.Partition;
import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One call of flush: a mark goes into the ring behind what was sent to each partition, which is an empty run. It pushes what
 * lingers there, and when it is delivered, all that was in front of it is.
 *
 * <p>Used by the thread that waits; it is true when all marks are back.
 */
final class Flush implements BooleanSupplier {
    private static final DirectBuffer NO_RECORDS = new UnsafeBuffer(new byte[0]);

    private final List<OpenSends> sends;
    private final boolean awaitsReplicas;
    /** Behind a ring that is closed nothing comes any more, so that all that is open is all that was sent before. */
    private final List<OpenSends> unmarked = new ArrayList<>();

    private final AtomicInteger marksOut = new AtomicInteger();
    private int next;

    /** @param awaitsReplicas as the sinks of what was sent */
    Flush(List<OpenSends> sends, boolean awaitsReplicas) {
        this.sends = sends;
        this.awaitsReplicas = awaitsReplicas;
    }

    @Override
    public boolean getAsBoolean() {
        while (next < sends.size()) {
            int code = tryMark(sends.get(next).partition());
            if (code == ProduceRing.BACK_PRESSURED) {
                return false;
            }
            if (code == ProduceRing.CLOSED) {
                unmarked.add(sends.get(next));
            }
            next++;
        }
        unmarked.removeIf(OpenSends::isEmpty);
        return marksOut.get() == 0 && unmarked.isEmpty();
    }

    private int tryMark(Partition partition) {
        int claim = partition.claimReference(NO_RECORDS, new Mark(partition));
        if (claim >= 0) {
            marksOut.incrementAndGet();
            try {
                partition.commit(claim);
            } catch (IllegalStateException e) {
                // The lane stops, and has given the claim up: the mark will not come back.
                marksOut.decrementAndGet();
                return ProduceRing.CLOSED;
            }
        }
        return claim;
    }

    private final class Mark implements RunSink, DeliveryQueue.Delivery {
        private final Partition partition;

        Mark(Partition partition) {
            this.partition = partition;
        }

        @Override
        public boolean isForOneRun() {
            return true;
        }

        @Override
        public boolean awaitsReplicas() {
            return awaitsReplicas;
        }

        @Override
        public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
            partition.deliveries().add(this);
        }

        @Override
        public void onFailed(int recordCount, RuntimeException cause) {
            partition.deliveries().add(this);
        }

        @Override
        public void deliver() {
            marksOut.decrementAndGet();
        }
    }
}
