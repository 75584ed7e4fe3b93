package io.tidemill.groups.sharing;

import static io.tidemill.groups.sharing.Acknowledgement.ACCEPT;
import static io.tidemill.groups.sharing.Acknowledgement.GAP;
import static io.tidemill.groups.sharing.Acknowledgement.REJECT;
import static io.tidemill.groups.sharing.Acknowledgement.RELEASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.groups.sharing.DeadLetter.Reason;
import io.tidemill.groups.sharing.RecordState.Acknowledged;
import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What each request does to a partition that is shared. */
class SharePartitionCoreTest {
    private static final long LOCK_NS = 30;
    private static final int DELIVERIES = 3;
    private static final int LOCKS = 10;

    private final List<ShareState> log = new ArrayList<>();
    private SharePartitionCore core = core(DELIVERIES, LOCKS);
    private long nowNs = Long.MAX_VALUE - 20;

    private static SharePartitionCore core(int deliveryCountLimit, int recordLocksMax) {
        return new SharePartitionCore(new ShareSettings(LOCK_NS, deliveryCountLimit, recordLocksMax));
    }

    @Test
    void eachRecordGoesToOneMember() {
        assertEquals(List.of(new Delivery(0, 3, 1)), take("a", 4, 20));
        assertEquals(List.of(new Delivery(4, 6, 1)), take("b", 3, 20));

        assertEquals(7, core.endOffset());
        assertEquals(0, core.startOffset());
    }

    @Test
    void theStartMovesToTheFirstRecordThatIsNotDone() {
        take("a", 6, 6);

        assertNull(acknowledge("a", 2, 3, ACCEPT));
        assertEquals(0, core.startOffset());
        assertNull(acknowledge("a", 0, 1, ACCEPT));
        assertEquals(4, core.startOffset());
        assertNull(acknowledge("a", 4, 5, ACCEPT));

        assertEquals(6, core.startOffset());
        assertEquals(List.of(), take("a", 6, 6));
    }

    @Test
    void whatIsReleasedGoesOutAgainBeforeWhatIsNewTheLowestFirst() {
        take("a", 6, 6);
        acknowledge("a", 4, 4, RELEASE);
        acknowledge("a", 1, 2, RELEASE);
        assertEquals(3, core.availableRecords());

        List<Delivery> taken = take("b", 5, 8);

        assertEquals(List.of(new Delivery(1, 2, 2), new Delivery(4, 4, 2), new Delivery(6, 7, 1)), taken);
    }

    @Test
    void aPartOfWhatIsReleasedMayGoToEach() {
        take("a", 6, 6);
        acknowledge("a", 0, 5, RELEASE);

        assertEquals(List.of(new Delivery(0, 3, 2)), take("b", 4, 6));
        assertEquals(List.of(new Delivery(4, 5, 2)), take("c", 4, 6));
    }

    @Test
    void refusesWhatTheMemberDoesNotHave() {
        take("a", 3, 20);
        take("b", 3, 20);
        acknowledge("a", 0, 0, ACCEPT);
        acknowledge("a", 1, 1, RELEASE);
        log.clear();

        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 0, 0, ACCEPT), "done");
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 1, 1, ACCEPT), "released");
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 3, 3, ACCEPT), "another's");
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 2, 3, ACCEPT), "one of them another's");
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("b", 5, 6, ACCEPT), "one of them not given out");
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("c", 2, 2, ACCEPT), "no such member");
        assertEquals(List.of(), log);
        assertThrows(IllegalArgumentException.class, () -> acknowledge("a", 2, 1, ACCEPT));
    }

    @Test
    void aLockTimesOutAndThenTheRecordIsAnothers() {
        take("a", 2, 5);
        nowNs += LOCK_NS - 1;
        assertEquals(1, core.idleNsMax(nowNs));
        core.onTick(nowNs, log);
        assertEquals(0, core.availableRecords());

        nowNs++;
        assertEquals(0, core.idleNsMax(nowNs));
        core.onTick(nowNs, log);

        assertEquals(List.of(new Delivery(0, 1, 2)), take("b", 2, 5));
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 0, 0, ACCEPT));
        assertNull(acknowledge("b", 0, 0, ACCEPT));
    }

    @Test
    void whenTheNextLockTimesOutIsToldAndNothingWhereThereIsNone() {
        assertEquals(Long.MAX_VALUE, core.idleNsMax(nowNs));
        take("a", 1, 5);
        nowNs += 10;
        take("b", 1, 5);

        assertEquals(LOCK_NS - 10, core.idleNsMax(nowNs));
        acknowledge("a", 0, 0, ACCEPT);
        assertEquals(LOCK_NS, core.idleNsMax(nowNs));
        assertEquals(0, core.idleNsMax(nowNs + 2 * LOCK_NS));
    }

    @Test
    void whatAMemberLeavesBehindGoesToTheOthers() {
        take("a", 2, 9);
        take("b", 2, 9);
        take("a", 2, 9);

        core.onMemberGone("a", log);

        assertEquals(List.of(new Delivery(0, 1, 2), new Delivery(4, 5, 2)), take("c", 4, 6));
        assertNull(acknowledge("b", 2, 3, ACCEPT));
    }

    @Test
    void aRecordThatWasDeliveredAsOftenAsItMayBeIsADeadLetter() {
        for (int delivery = 1; delivery < DELIVERIES; delivery++) {
            take("a", 3, 3);
            acknowledge("a", 0, 2, RELEASE);
            assertEquals(List.of(), core.deadLetters());
        }
        assertEquals(List.of(new Delivery(0, 2, DELIVERIES)), take("a", 3, 3));

        acknowledge("a", 0, 0, RELEASE);
        nowNs += LOCK_NS;
        core.onTick(nowNs, log);

        assertEquals(List.of(new DeadLetter(0, 2, DELIVERIES, Reason.DELIVERY_COUNT_LIMIT)), core.deadLetters());
        assertEquals(List.of(), take("b", 3, 3));
    }

    @Test
    void aMemberThatGoesMakesADeadLetterOfALastDelivery() {
        core = core(1, LOCKS);
        take("a", 1, 1);

        core.onMemberGone("a", log);

        assertEquals(List.of(new DeadLetter(0, 0, 1, Reason.DELIVERY_COUNT_LIMIT)), core.deadLetters());
    }

    @Test
    void aDeadLetterIsDoneWhenItsCopyIs() {
        take("a", 4, 4);
        acknowledge("a", 1, 2, REJECT);
        acknowledge("a", 0, 0, ACCEPT);
        assertEquals(List.of(new DeadLetter(1, 2, 1, Reason.REJECTED)), core.deadLetters());
        assertEquals(1, core.startOffset());

        core.archive(1, 1, log);
        assertEquals(List.of(new DeadLetter(2, 2, 1, Reason.REJECTED)), core.deadLetters());
        assertEquals(2, core.startOffset());
        core.archive(0, 3, log);

        assertEquals(List.of(), core.deadLetters());
        assertEquals(3, core.startOffset());
        assertNull(acknowledge("a", 3, 3, ACCEPT), "archived though it is no dead letter");
    }

    @Test
    void aDeadLetterOfWhichNoCopyIsKnownIsOneAfterARestart() {
        take("a", 4, 4);
        acknowledge("a", 1, 2, REJECT);

        restart(DELIVERIES);

        assertEquals(List.of(new DeadLetter(1, 2, 1, Reason.REJECTED)), core.deadLetters());
        assertEquals(List.of(new Delivery(0, 0, 2), new Delivery(3, 3, 2)), take("a", 4, 4));
    }

    @Test
    void noLockOutlastsARestartAndNothingIsForgotten() {
        take("a", 4, 9);
        acknowledge("a", 1, 1, ACCEPT);
        acknowledge("a", 3, 3, RELEASE);
        take("b", 1, 9);

        restart(DELIVERIES);

        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 0, 0, ACCEPT));
        assertEquals(
                List.of(new Delivery(0, 0, 2), new Delivery(2, 2, 2), new Delivery(3, 3, 3), new Delivery(4, 4, 1)),
                take("c", 4, 9));
    }

    @Test
    void aLastDeliveryThatARestartInterruptsWasTheLast() {
        core = core(1, LOCKS);
        take("a", 2, 2);

        restart(1);

        assertEquals(List.of(new DeadLetter(0, 1, 1, Reason.DELIVERY_COUNT_LIMIT)), core.deadLetters());
        assertEquals(List.of(), take("a", 2, 2));
    }

    @Test
    void aLimitThatWasLoweredCountsFromTheNextRestart() {
        take("a", 2, 2);
        acknowledge("a", 0, 1, RELEASE);
        take("a", 1, 2);
        acknowledge("a", 0, 0, RELEASE);

        restart(2);

        assertEquals(List.of(new DeadLetter(0, 0, 2, Reason.DELIVERY_COUNT_LIMIT)), core.deadLetters());
        assertEquals(List.of(new Delivery(1, 1, 2)), take("a", 2, 2));
    }

    @Test
    void otherSettingsCountFromThenOnAndLocksStay() {
        take("a", 3, 3);
        acknowledge("a", 0, 0, RELEASE);
        take("b", 1, 3);
        acknowledge("b", 0, 0, RELEASE);

        core.decideBy(new ShareSettings(2 * LOCK_NS, 2, LOCKS), log);

        assertEquals(List.of(new DeadLetter(0, 0, 2, Reason.DELIVERY_COUNT_LIMIT)), core.deadLetters());
        assertEquals(LOCK_NS, core.idleNsMax(nowNs));
        acknowledge("a", 1, 2, RELEASE);
        assertEquals(List.of(new Delivery(1, 2, 2)), take("b", 5, 3));
        assertEquals(2 * LOCK_NS, core.idleNsMax(nowNs));
    }

    @Test
    void whatComesWhereATailWasLostIsNew() {
        take("a", 6, 6);
        acknowledge("a", 2, 5, ACCEPT);

        core.onTailLost(4, log);

        assertEquals(4, core.endOffset());
        assertEquals(0, core.startOffset());
        assertNull(acknowledge("a", 0, 1, ACCEPT));
        assertEquals(List.of(new Delivery(4, 5, 1)), take("b", 9, 6));
        core.onTailLost(1, log);
        assertEquals(1, core.startOffset());
        assertEquals(List.of(new Delivery(1, 1, 1)), take("b", 9, 2));
    }

    @Test
    void aTailBehindAllThatWasGivenOutMayBeLost() {
        take("a", 2, 6);
        log.clear();

        core.onTailLost(2, log);

        assertEquals(List.of(), log);
    }

    @Test
    void noMoreThanTheBoundAreInFlightUntilTheStartMoves() {
        assertEquals(List.of(new Delivery(0, LOCKS - 1, 1)), take("a", LOCKS + 1, 100));
        assertEquals(0, core.newRecordsMax());
        acknowledge("a", 1, 4, ACCEPT);
        assertEquals(List.of(), take("b", 1, 100));

        acknowledge("a", 5, 5, RELEASE);
        assertEquals(List.of(new Delivery(5, 5, 2)), take("b", 2, 100), "it is in flight already");
        acknowledge("a", 0, 0, ACCEPT);

        assertEquals(5, core.newRecordsMax());
        assertEquals(List.of(new Delivery(LOCKS, LOCKS + 4, 1)), take("b", LOCKS, 100));
    }

    @Test
    void offsetsWithoutARecordHoldUpNothing() {
        FoundRecords found = found(0, 200, 3, 4, 90, 91, 95, 95);

        assertEquals(List.of(new Delivery(3, 4, 1), new Delivery(90, 91, 1)), core.acquire("a", found, 4, nowNs, log));
        assertEquals(3, core.startOffset());
        assertEquals(95, core.endOffset());
        acknowledge("a", 3, 4, ACCEPT);
        assertEquals(90, core.startOffset());
        acknowledge("a", 90, 91, ACCEPT);
        assertEquals(95, core.startOffset());

        assertEquals(List.of(new Delivery(95, 95, 1)), core.acquire("a", found, 4, nowNs, log));
        acknowledge("a", 95, 95, ACCEPT);
        assertEquals(200, core.startOffset());
        assertEquals(List.of(), core.acquire("a", found(200, 300), 4, nowNs, log));
        assertEquals(300, core.startOffset());
    }

    @Test
    void aRecordThatWentWhileItWasOutHoldsUpNothing() {
        take("a", 3, 3);

        acknowledge("a", 0, 1, GAP);

        assertEquals(2, core.startOffset());
        assertEquals(List.of(), core.deadLetters());
    }

    @Test
    void anAcknowledgementSaysNothingOfOffsetsInBetween() {
        core.acquire("a", found(0, 10, 1, 2, 5, 6), 9, nowNs, log);

        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 1, 6, ACCEPT));
        assertNull(acknowledge("a", 5, 6, ACCEPT));
    }

    @Test
    void aLookFromLongAgoGivesNothingTwice() {
        FoundRecords old = found(0, 6, 0, 5);
        take("a", 4, 6);

        assertEquals(List.of(new Delivery(4, 5, 1)), core.acquire("b", old, 9, nowNs, log));
        assertEquals(List.of(), core.acquire("b", old, 9, nowNs, log));
        assertEquals(6, core.endOffset());
    }

    @Test
    void aLookThatLeavesSomethingOutIsNotUsed() {
        assertEquals(List.of(), core.acquire("a", found(5, 9, 5, 8), 9, nowNs, log));

        assertEquals(0, core.endOffset());
        assertEquals(List.of(), log);
    }

    @Test
    void whatRetentionDeletesIsArchivedWhoeverHasIt() {
        take("a", 6, 9);
        acknowledge("a", 1, 1, REJECT);
        acknowledge("a", 4, 4, ACCEPT);

        core.onTruncated(3, log);
        assertEquals(3, core.startOffset());
        assertEquals(List.of(), core.deadLetters());
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 2, 2, ACCEPT));
        core.onTruncated(4, log);
        assertEquals(5, core.startOffset());
        core.onTruncated(20, log);

        assertEquals(20, core.startOffset());
        assertEquals(20, core.endOffset());
        core.onTruncated(7, log);
        assertEquals(20, core.endOffset());
    }

    @Test
    void aResetForgetsEverything() {
        take("a", 6, 9);
        acknowledge("a", 0, 0, REJECT);

        core.resetTo(2, log);

        assertEquals(2, core.startOffset());
        assertEquals(List.of(), core.deadLetters());
        assertEquals(ShareRefusal.INVALID_RECORD_STATE, acknowledge("a", 3, 3, ACCEPT));
        assertEquals(List.of(new Delivery(2, 8, 1)), take("b", 9, 9));
    }

    @Test
    void neighboursInOneStateAreOneRun() {
        core = core(DELIVERIES, Integer.MAX_VALUE);
        int records = 1_000_000_000;

        assertEquals(List.of(new Delivery(0, records - 1, 1)), take("a", records, records));
        acknowledge("a", 10, 19, ACCEPT);
        acknowledge("a", 30, 39, ACCEPT);
        acknowledge("a", 20, 29, ACCEPT);

        Acquired acquired = new Acquired(1, "a", nowNs + LOCK_NS);
        assertEquals(
                List.of(
                        new RecordRun(0, 9, acquired),
                        new RecordRun(10, 39, new Acknowledged()),
                        new RecordRun(40, records - 1, acquired)),
                core.state().runs());
        core.onMemberGone("a", log);
        assertEquals(records - 30, core.availableRecords());
        take("b", 1, records);
        acknowledge("b", 0, 0, RELEASE);
        assertEquals(new RecordRun(0, 0, new Available(2)), core.state().runs().get(0));
    }

    @Test
    void eachChangeIsOneEventAndWhatChangesNothingIsNone() {
        take("a", 4, 4);
        acknowledge("a", 1, 2, RELEASE);
        assertEquals(2, log.size());
        assertEquals(core.state(), log.get(1));

        core.onTick(nowNs, log);
        core.onMemberGone("b", log);
        core.archive(0, 3, log);
        core.onTruncated(0, log);
        core.acquire("a", FoundRecords.none(), 0, nowNs, log);

        assertEquals(2, log.size());
    }

    @Test
    void refusesWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new ShareSettings(0, 5, 2_000));
        assertThrows(IllegalArgumentException.class, () -> new ShareSettings(1, 0, 2_000));
        assertThrows(IllegalArgumentException.class, () -> new ShareSettings(1, 5, 0));
        assertThrows(IllegalArgumentException.class, () -> found(0, 9, 4, 5, 5, 6));
        assertThrows(IllegalArgumentException.class, () -> found(5, 9, 4, 5));
        assertThrows(IllegalArgumentException.class, () -> found(0, 5, 4, 5));
        assertThrows(IllegalArgumentException.class, () -> core.resetTo(-1, log));
    }

    /** Without gaps. */
    private List<Delivery> take(String memberId, int recordsMax, long logEndOffset) {
        long from = core.endOffset();
        FoundRecords found =
                from < logEndOffset ? found(from, logEndOffset, from, logEndOffset - 1) : found(from, from);
        return core.acquire(memberId, found, recordsMax, nowNs, log);
    }

    /** Ranges, by their first and last offsets. */
    private static FoundRecords found(long startOffset, long endOffset, long... firstsAndLasts) {
        List<OffsetRange> ranges = new ArrayList<>();
        for (int i = 0; i < firstsAndLasts.length; i += 2) {
            ranges.add(new OffsetRange(firstsAndLasts[i], firstsAndLasts[i + 1]));
        }
        return new FoundRecords(startOffset, ranges, endOffset);
    }

    private @Nullable ShareRefusal acknowledge(String memberId, long first, long last, Acknowledgement what) {
        return core.acknowledge(memberId, first, last, what, log);
    }

    private void restart(int deliveryCountLimit) {
        byte[] written = ShareEventLayout.value(new UUID(1, 2), log.get(log.size() - 1));
        core = core(DELIVERIES, LOCKS);
        core.replay(ShareEventLayout.state(written));
        core.decideBy(new ShareSettings(LOCK_NS, deliveryCountLimit, LOCKS), log);
    }
}
