package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.DeadLetter.Reason;
import io.tidemill.groups.sharing.RecordState.Acknowledged;
import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Archived;
import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What {@link SharePartitionCore} must do, with a state for each record and no thought of how long it takes. */
final class ShareModel {
    private final long lockNs;
    private final int locksMax;
    int deliveryCountLimit;
    /** From the first one that is not done. */
    private final TreeMap<Long, RecordState> given = new TreeMap<>();

    private long endOffset;

    ShareModel(long lockNs, int locksMax, int deliveryCountLimit) {
        this.lockNs = lockNs;
        this.locksMax = locksMax;
        this.deliveryCountLimit = deliveryCountLimit;
    }

    /** Each record that the member gets, in order, with how often it was delivered by now. */
    List<Delivery> acquire(
            String memberId, long lookStart, NavigableSet<Long> found, long lookEnd, int recordsMax, long nowNs) {
        List<Delivery> deliveries = new ArrayList<>();
        for (Map.Entry<Long, RecordState> record : given.entrySet()) {
            if (deliveries.size() < recordsMax && record.getValue() instanceof Available available) {
                deliveries.add(give(record.getKey(), available.deliveryCount() + 1, memberId, nowNs));
            }
        }
        if (lookStart > endOffset) {
            return deliveries;
        }
        for (long offset : found.tailSet(endOffset)) {
            if (deliveries.size() >= recordsMax || given.size() >= locksMax) {
                endOffset = offset;
                return deliveries;
            }
            deliveries.add(give(offset, 1, memberId, nowNs));
        }
        endOffset = Math.max(endOffset, lookEnd);
        return deliveries;
    }

    private Delivery give(long offset, int deliveryCount, String memberId, long nowNs) {
        given.put(offset, new Acquired(deliveryCount, memberId, nowNs + lockNs));
        return new Delivery(offset, offset, deliveryCount);
    }

    boolean mayAcknowledge(String memberId, long first, long last) {
        for (long offset = first; offset <= last; offset++) {
            if (!(given.get(offset) instanceof Acquired acquired)
                    || !acquired.memberId().equals(memberId)) {
                return false;
            }
        }
        return true;
    }

    void acknowledge(long first, long last, Acknowledgement acknowledgement) {
        given.subMap(first, true, last, true).replaceAll((offset, state) -> {
            Acquired acquired = (Acquired) state;
            return switch (acknowledgement) {
                case ACCEPT -> new Acknowledged();
                case RELEASE -> released(acquired.deliveryCount());
                case REJECT -> new Archiving(acquired.deliveryCount(), Reason.REJECTED);
                case GAP -> new Archived();
            };
        });
        forgetWhatIsDone();
    }

    private RecordState released(int deliveryCount) {
        return deliveryCount >= deliveryCountLimit
                ? new Archiving(deliveryCount, Reason.DELIVERY_COUNT_LIMIT)
                : new Available(deliveryCount);
    }

    private void forgetWhatIsDone() {
        while (!given.isEmpty() && given.firstEntry().getValue().isDone()) {
            given.pollFirstEntry();
        }
    }

    void memberGone(String memberId) {
        release(acquired -> acquired.memberId().equals(memberId));
    }

    void tick(long nowNs) {
        release(acquired -> nowNs - acquired.deadlineNs() >= 0);
    }

    private void release(Predicate<Acquired> which) {
        given.replaceAll((offset, state) -> state instanceof Acquired acquired && which.test(acquired)
                ? released(acquired.deliveryCount())
                : state);
    }

    void truncated(long logStartOffset) {
        given.headMap(logStartOffset).clear();
        endOffset = Math.max(endOffset, logStartOffset);
        forgetWhatIsDone();
    }

    void reset(long offset) {
        given.clear();
        endOffset = offset;
    }

    void archive(long first, long last) {
        given.subMap(first, true, last, true)
                .replaceAll((offset, state) -> state instanceof Archiving ? new Archived() : state);
        forgetWhatIsDone();
    }

    void tailLost(long logEndOffset) {
        given.tailMap(logEndOffset).clear();
        endOffset = Math.min(endOffset, logEndOffset);
        forgetWhatIsDone();
    }

    void restarted() {
        given.replaceAll((offset, state) ->
                state instanceof Acquired acquired ? new Available(acquired.deliveryCount()) : state);
    }

    void decideBy(int newDeliveryCountLimit) {
        deliveryCountLimit = newDeliveryCountLimit;
        given.replaceAll(
                (offset, state) -> state instanceof Available available ? released(available.deliveryCount()) : state);
    }

    long startOffset() {
        return given.isEmpty() ? endOffset : given.firstKey();
    }

    long endOffset() {
        return endOffset;
    }

    /** Of each record from the start on. */
    Map<Long, RecordState> states() {
        return given;
    }
}
