package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the segments of all logs of a store take, held against its budget. Any thread. */
final class DiskUsage {
    private final @Nullable DiskBudget budget;
    private final BooleanSupplier deleteOldest;
    private final AtomicLong bytes = new AtomicLong();

    /** Asked for room, the deleter removes one file, or answers that there is none. */
    DiskUsage(@Nullable DiskBudget budget, BooleanSupplier deleteOldest) {
        this.budget = budget;
        this.deleteOldest = deleteOldest;
    }

    /**
     * Counts what is about to be appended.
     *
     * @throws StorageException when there is no room, and none can be made; then it is not counted
     */
    void take(long more) {
        bytes.addAndGet(more);
        if (budget != null) {
            makeRoom(budget, more);
        }
    }

    private void makeRoom(DiskBudget limit, long more) {
        while (bytes.get() > limit.bytes()) {
            if (!limit.deletesOldest() || !deleteOldest.getAsBoolean()) {
                long used = bytes.addAndGet(-more);
                throw new StorageException("disk budget is used up: budgetBytes=" + limit.bytes() + ", usedBytes="
                        + used + ", neededBytes=" + more
                        + (limit.deletesOldest() ? ", nothing is left to delete" : ""));
            }
        }
    }

    /** Counts what is there, or what is not there any more. */
    void add(long difference) {
        bytes.addAndGet(difference);
    }
}
