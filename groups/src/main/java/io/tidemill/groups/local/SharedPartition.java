package io.tidemill.groups.local;

import io.tidemill.TopicPartition;
import io.tidemill.groups.sharing.Acknowledgement;
import io.tidemill.groups.sharing.DeadLetter;
import io.tidemill.groups.sharing.Delivery;
import io.tidemill.groups.sharing.FoundRecords;
import io.tidemill.groups.sharing.OffsetRange;
import io.tidemill.groups.sharing.SharePartitionCore;
import io.tidemill.groups.sharing.ShareSettings;
import io.tidemill.groups.sharing.ShareState;
import io.tidemill.lane.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** A partition that a group shares, and of which topic it is. Owned by whoever holds the lock of sharing. */
final class SharedPartition {
    private final TopicPartition id;
    private final UUID topicId;
    private final SharePartitionCore core;
    /** Whether it differs from what was handed to the log. */
    private boolean isChanged;

    SharedPartition(TopicPartition id, UUID topicId, ShareSettings settings) {
        this.id = id;
        this.topicId = topicId;
        this.core = new SharePartitionCore(settings);
    }

    TopicPartition id() {
        return id;
    }

    UUID topicId() {
        return topicId;
    }

    SharePartitionCore core() {
        return core;
    }

    /** Nothing was given out; this is written even where it is as if nothing was. */
    void beginAt(long offset) {
        change(events -> core.resetTo(offset, events));
        isChanged = true;
    }

    void change(Consumer<List<ShareState>> act) {
        List<ShareState> events = new ArrayList<>();
        act.accept(events);
        isChanged |= !events.isEmpty();
    }

    /** Whether it was since this was asked last. */
    boolean takeChange() {
        boolean was = isChanged;
        isChanged = false;
        return was;
    }

    /**
     * A member says what became of some; of which it had some no more, that is found out by halves.
     *
     * @param refused takes those that it had no more
     */
    void acknowledge(String memberId, Verdict verdict, List<Verdict> refused) {
        change(events -> acknowledge(memberId, verdict, events, refused));
    }

    private void acknowledge(String memberId, Verdict verdict, List<ShareState> events, List<Verdict> refused) {
        Acknowledgement what = verdict.what();
        if (core.acknowledge(memberId, verdict.firstOffset(), verdict.lastOffset(), what, events) == null) {
            return;
        }
        if (verdict.firstOffset() == verdict.lastOffset()) {
            refused.add(verdict);
            return;
        }
        long middle = (verdict.firstOffset() + verdict.lastOffset()) >>> 1;
        acknowledge(memberId, verdict.between(verdict.firstOffset(), middle), events, refused);
        acknowledge(memberId, verdict.between(middle + 1, verdict.lastOffset()), events, refused);
    }

    /** Time has passed, and retention may have been there. */
    void tick(Partition partition, long nowNs) {
        change(events -> {
            core.onTruncated(partition.startOffset(), events);
            core.onTick(nowNs, events);
        });
    }

    /** As many as there are, but no more than that. */
    List<Delivery> acquire(String memberId, Partition partition, int recordsMax, long nowNs) {
        List<Delivery> deliveries = new ArrayList<>();
        FoundRecords found = look(partition, recordsMax);
        change(events -> deliveries.addAll(core.acquire(memberId, found, recordsMax, nowNs, events)));
        return deliveries;
    }

    /**
     * Nobody looks at the log under the lock: each offset is taken for a record, and who reads it says what was none. So where
     * compaction left little, more is written than need be.
     */
    private FoundRecords look(Partition partition, int recordsMax) {
        long first = core.endOffset();
        long end = Math.min(partition.committedAcquire(), first + Math.min(recordsMax, core.newRecordsMax()));
        return first < end
                ? new FoundRecords(first, List.of(new OffsetRange(first, end - 1)), end)
                : FoundRecords.none();
    }

    /** Whether somebody who asks gets something. */
    boolean hasSomething(Partition partition) {
        return core.availableRecords() > 0
                || (core.newRecordsMax() > 0 && core.endOffset() < partition.committedAcquire());
    }

    /** Nobody wants copies of what failed for good. */
    void archiveAll() {
        for (DeadLetter letter : core.deadLetters()) {
            change(events -> core.archive(letter.firstOffset(), letter.lastOffset(), events));
        }
    }
}
