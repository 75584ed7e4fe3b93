package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.RecordState.Acknowledged;
import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Archived;
import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One partition of one shared group. The idea is that of Kafka's KIP-932: members take records of a partition side by side, and
 * each record by itself is accepted, given back, or refused for good.
 *
 * <p>Between the start offset, in front of which all is done, and the end offset, behind which nothing was given out, each
 * record is in a {@link RecordState}. One that is acquired is a member's until it says what became of it, or leaves, or the
 * lock times out; then it is available again, and goes to whoever asks next. How often that happens is counted, and bounded:
 * a record whose last delivery failed is a dead letter, as is one that is rejected.
 *
 * <p>A dead letter is done only when the caller says so by {@link #archive}, after it has copied the record to wherever it
 * wants it, or at once if it wants it nowhere. Until then it is archiving, also after a restart: so a crash in between
 * repeats the copy. It is KIP-1191's state of that name.
 *
 * <p>Records that are neighbours and in one state are one run, so a request costs as much as there are runs. An offset without a
 * record is in no run, and holds up nothing.
 *
 * <p>{@link #replay} is the only thing that changes what a partition is, for new states as for one read back from the log, in
 * which no record is acquired. The caller tells members and the world about a change when it is written, and not before.
 *
 * <p>Owned by whoever holds the coordinator's lock. Times are nanoseconds of one clock, compared by subtraction.
 */
public final class SharePartitionCore {
    private ShareSettings settings;

    private ShareState state = ShareState.at(0);

    public SharePartitionCore(ShareSettings settings) {
        this.settings = settings;
    }

    /**
     * Gives a member records, at most so many: those that are available again first, then those that nobody had, both in the order of their
     * offsets. There are no new ones while as many are in flight as may be.
     *
     * @param found from {@link #endOffset} on, as far as {@link #newRecordsMax} and {@link #availableRecords} say that it matters;
     *     what lies in front is left out, and a look that began behind is not used
     * @param events takes the state, if it is another one
     */
    public List<Delivery> acquire(
            String memberId, FoundRecords found, int recordsMax, long nowNs, List<ShareState> events) {
        Acquisition acquisition = new Acquisition(memberId, nowNs + settings.lockDurationNs(), recordsMax);
        acquisition.takeAgain(state.runs());
        long endOffset = acquisition.takeNew(found, state.endOffset(), newRecordsMax());
        become(acquisition.runs().endingAt(endOffset), events);
        return acquisition.deliveries();
    }

    /**
     * A member says what became of neighbouring records that it has. It is about all of them or none, and there is no gap between
     * them: what seems to be one may be a record that another one of the member's name was given, before it crashed.
     *
     * @return why not, or null
     */
    public @Nullable ShareRefusal acknowledge(
            String memberId,
            long firstOffset,
            long lastOffset,
            Acknowledgement acknowledgement,
            List<ShareState> events) {
        if (!hasAll(memberId, new OffsetRange(firstOffset, lastOffset))) {
            return ShareRefusal.INVALID_RECORD_STATE;
        }
        change(
                firstOffset,
                lastOffset,
                known -> known instanceof Acquired acquired ? acknowledged(acquired, acknowledgement) : known,
                events);
        return null;
    }

    private boolean hasAll(String memberId, OffsetRange range) {
        long records = 0;
        for (RecordRun run : state.runs()) {
            if (run.overlaps(range.firstOffset(), range.lastOffset())
                    && run.state() instanceof Acquired acquired
                    && acquired.memberId().equals(memberId)) {
                records += run.between(range.firstOffset(), range.lastOffset()).records();
            }
        }
        return records == range.records();
    }

    private RecordState acknowledged(Acquired acquired, Acknowledgement acknowledgement) {
        return switch (acknowledgement) {
            case ACCEPT -> new Acknowledged();
            case RELEASE -> released(acquired.deliveryCount());
            case REJECT -> new Archiving(acquired.deliveryCount(), DeadLetter.Reason.REJECTED);
            case GAP -> new Archived();
        };
    }

    private RecordState released(int deliveryCount) {
        return deliveryCount < settings.deliveryCountLimit()
                ? new Available(deliveryCount)
                : new Archiving(deliveryCount, DeadLetter.Reason.DELIVERY_COUNT_LIMIT);
    }

    /** A member left, or is known to be gone: what it has is given back. */
    public void onMemberGone(String memberId, List<ShareState> events) {
        release(acquired -> acquired.memberId().equals(memberId), events);
    }

    /** Time has passed: what members have had for too long is given back. */
    public void onTick(long nowNs, List<ShareState> events) {
        release(acquired -> nowNs - acquired.deadlineNs() >= 0, events);
    }

    private void release(Predicate<Acquired> which, List<ShareState> events) {
        change(
                startOffset(),
                endOffset(),
                known -> known instanceof Acquired acquired && which.test(acquired)
                        ? released(acquired.deliveryCount())
                        : known,
                events);
    }

    /** How long it may be left alone; {@link Long#MAX_VALUE} while no record is acquired. */
    public long idleNsMax(long nowNs) {
        long idleNs = Long.MAX_VALUE;
        for (RecordRun run : state.runs()) {
            if (run.state() instanceof Acquired acquired) {
                idleNs = Math.min(idleNs, Math.max(0, acquired.deadlineNs() - nowNs));
            }
        }
        return idleNs;
    }

    /** The log begins there now: what lay in front of it is archived, whoever has it. */
    public void onTruncated(long logStartOffset, List<ShareState> events) {
        RecordRuns left = new RecordRuns();
        for (RecordRun run : state.runs()) {
            if (run.lastOffset() >= logStartOffset) {
                left.add(run.between(logStartOffset, run.lastOffset()));
            }
        }
        become(left.endingAt(Math.max(endOffset(), logStartOffset)), events);
    }

    /**
     * The log ends there, and was longer: what was behind is lost, and what will be there is new.
     *
     * @param logEndOffset exclusive
     */
    public void onTailLost(long logEndOffset, List<ShareState> events) {
        RecordRuns left = new RecordRuns();
        for (RecordRun run : state.runs()) {
            if (run.firstOffset() < logEndOffset) {
                left.add(run.between(run.firstOffset(), logEndOffset - 1));
            }
        }
        become(left.endingAt(Math.min(endOffset(), logEndOffset)), events);
    }

    /** The group is to go on there, whatever it did before: all is forgotten, and nobody has anything. */
    public void resetTo(long offset, List<ShareState> events) {
        become(ShareState.at(offset), events);
    }

    /** Those that are to be copied, and then {@link #archive archived}; in the order of their offsets. */
    public List<DeadLetter> deadLetters() {
        List<DeadLetter> letters = new ArrayList<>();
        for (RecordRun run : state.runs()) {
            if (run.state() instanceof Archiving archiving) {
                letters.add(new DeadLetter(
                        run.firstOffset(), run.lastOffset(), archiving.deliveryCount(), archiving.reason()));
            }
        }
        return letters;
    }

    /** What dead letters there are between these offsets, both inclusive, are done: their copies will last. */
    public void archive(long firstOffset, long lastOffset, List<ShareState> events) {
        change(firstOffset, lastOffset, known -> known instanceof Archiving ? new Archived() : known, events);
    }

    /**
     * From now on so, also for what was replayed: nothing is delivered more often than it may be by now. What is locked stays so
     * for the time that it was locked for.
     */
    public void decideBy(ShareSettings newSettings, List<ShareState> events) {
        settings = newSettings;
        change(
                startOffset(),
                endOffset(),
                known -> known instanceof Available available ? released(available.deliveryCount()) : known,
                events);
    }

    /** Puts the records between these offsets, both inclusive, into the states that the change makes of theirs. */
    private void change(long firstOffset, long lastOffset, UnaryOperator<RecordState> change, List<ShareState> events) {
        RecordRuns runs = new RecordRuns();
        for (RecordRun run : state.runs()) {
            if (!run.overlaps(firstOffset, lastOffset)) {
                runs.add(run);
                continue;
            }
            if (run.firstOffset() < firstOffset) {
                runs.add(run.between(run.firstOffset(), firstOffset - 1));
            }
            runs.add(run.between(firstOffset, lastOffset).in(change.apply(run.state())));
            if (run.lastOffset() > lastOffset) {
                runs.add(run.between(lastOffset + 1, run.lastOffset()));
            }
        }
        become(runs.endingAt(endOffset()), events);
    }

    private void become(ShareState changed, List<ShareState> events) {
        if (!changed.equals(state)) {
            replay(changed);
            events.add(changed);
        }
    }

    /** Makes it so. */
    public void replay(ShareState event) {
        state = event;
    }

    /** All in front of it is done. */
    public long startOffset() {
        return state.startOffset();
    }

    /** Exclusive: nothing behind it was given out, so this is where to look for new records. */
    public long endOffset() {
        return state.endOffset();
    }

    /** How many new ones may be given out now, if there are any. */
    public long newRecordsMax() {
        return Math.max(0, settings.recordLocksMax() - state.recordsInFlight());
    }

    /** How many are available again. */
    public long availableRecords() {
        long sum = 0;
        for (RecordRun run : state.runs()) {
            if (run.state() instanceof Available) {
                sum += run.records();
            }
        }
        return sum;
    }

    /** All of it, as it is written: the last event. */
    public ShareState state() {
        return state;
    }
}
