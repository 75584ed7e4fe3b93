package io.tidemill.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link OffsetStore} keeps, together with the way in which positions are saved to it. */
public abstract class OffsetStoreContract {
    protected static final UUID TOPIC_ID = new UUID(1, 2);
    protected static final UUID ID_OF_SAME_NAME = new UUID(3, 4);
    protected static final TopicPartition T0 = new TopicPartition("t", 0);
    protected static final TopicPartition T1 = new TopicPartition("t", 1);
    protected static final TopicPartition U0 = new TopicPartition("u", 0);
    protected static final OffsetOwner EARLIER = new OffsetOwner("g", "m1", 3);
    protected static final OffsetOwner LATER = new OffsetOwner("g", "m2", 4);

    /** The store, the same one within a test. */
    protected abstract OffsetStore store();

    /** Saves and commits, or changes nothing and throws. */
    protected abstract void save(OffsetOwner owner, Map<TopicPartition, Long> nextOffsets);

    /** Forgets a group. */
    protected abstract void delete(String group);

    @Test
    void knowsNothingOfWhatNobodyHasSaved() {
        assertEquals(Map.of(), take(EARLIER, T0));
        assertEquals(Map.of(), take(LATER, T0));
    }

    @Test
    void tellsTheNextOwnerWhatTheFormerSaved() {
        take(EARLIER, T0, T1, U0);
        save(EARLIER, Map.of(T0, 7L, U0, Long.MAX_VALUE));

        assertEquals(Map.of(T0, 7L, U0, Long.MAX_VALUE), take(LATER, T0, T1, U0));
    }

    @Test
    void tellsOnlyWhatItIsAskedFor() {
        take(EARLIER, T0, T1);
        save(EARLIER, Map.of(T0, 7L, T1, 8L));

        assertEquals(Map.of(T1, 8L), take(LATER, T1));
        assertEquals(Map.of(), store().takeOver(LATER, Map.of()));
    }

    @Test
    void leavesWithItsOwnerWhatNobodyTookOver() {
        take(EARLIER, T0, T1);
        take(LATER, T1);

        save(EARLIER, Map.of(T0, 7L));

        assertEquals(Map.of(T0, 7L), take(LATER, T0));
    }

    @Test
    void savesWhatWasReadLast() {
        take(EARLIER, T0);
        save(EARLIER, Map.of(T0, 7L));
        save(EARLIER, Map.of(T0, 7L));
        save(EARLIER, Map.of(T0, 0L));

        assertEquals(Map.of(T0, 0L), take(EARLIER, T0));
    }

    @Test
    void refusesWhatAFormerOwnerSaves() {
        take(EARLIER, T0, T1);
        save(EARLIER, Map.of(T0, 7L, T1, 7L));
        take(LATER, T1);

        FencedOffsetException e =
                assertThrows(FencedOffsetException.class, () -> save(EARLIER, Map.of(T0, 9L, T1, 9L)));

        assertFalse(e.retriable());
        assertEquals(Map.of(T0, 7L, T1, 7L), take(LATER, T0, T1));
    }

    @Test
    void refusesWhatAnEarlierEpochOfTheSameMemberSaves() {
        OffsetOwner joinedAgain = new OffsetOwner("g", "m1", 4);
        take(EARLIER, T0);
        take(joinedAgain, T0);

        assertThrows(FencedOffsetException.class, () -> save(EARLIER, Map.of(T0, 9L)));

        assertEquals(Map.of(), take(joinedAgain, T0));
    }

    @Test
    void refusesWhatSomebodySavesWhoTookNothingOver() {
        assertThrows(FencedOffsetException.class, () -> save(EARLIER, Map.of(T0, 9L)));
        take(EARLIER, T0);

        assertThrows(FencedOffsetException.class, () -> save(EARLIER, Map.of(T1, 9L)));
        assertThrows(FencedOffsetException.class, () -> save(new OffsetOwner("g", "m2", 3), Map.of(T0, 9L)));
    }

    @Test
    void aFormerOwnerTakesOverNothingOfWhatItAsksFor() {
        take(LATER, T1);
        save(LATER, Map.of(T1, 7L));

        assertThrows(FencedOffsetException.class, () -> take(EARLIER, T0, T1));

        assertThrows(FencedOffsetException.class, () -> save(EARLIER, Map.of(T0, 9L)));
        save(LATER, Map.of(T1, 8L));
        assertEquals(Map.of(T1, 8L), take(LATER, T0, T1));
    }

    @Test
    void anotherMemberOfTheSameEpochTakesNothingOver() {
        take(EARLIER, T0);

        assertThrows(FencedOffsetException.class, () -> take(new OffsetOwner("g", "m2", 3), T0));

        save(EARLIER, Map.of(T0, 7L));
    }

    @Test
    void whoHasItMayTakeItAgain() {
        take(EARLIER, T0);
        save(EARLIER, Map.of(T0, 7L));

        assertEquals(Map.of(T0, 7L), take(EARLIER, T0, T1));
        save(EARLIER, Map.of(T0, 8L, T1, 1L));
    }

    @Test
    void keepsGroupsApart() {
        OffsetOwner other = new OffsetOwner("h", "m1", 1);
        take(LATER, T0);
        save(LATER, Map.of(T0, 7L));

        assertEquals(Map.of(), take(other, T0));
        save(other, Map.of(T0, 1L));
        delete("h");

        assertEquals(Map.of(T0, 7L), take(LATER, T0));
    }

    @Test
    void forgetsTheTopicThatHadTheName() {
        take(LATER, T0, U0);
        save(LATER, Map.of(T0, 7L, U0, 8L));

        assertEquals(Map.of(U0, 8L), store().takeOver(LATER, Map.of(T0, ID_OF_SAME_NAME, U0, TOPIC_ID)));
        save(LATER, Map.of(T0, 1L));

        assertEquals(Map.of(T0, 1L), store().takeOver(LATER, Map.of(T0, ID_OF_SAME_NAME)));
    }

    /** Or a zombie could take it away by the id that the topic had before. */
    @Test
    void aTopicThatWasCreatedAgainIsNoReasonToPassALaterOwner() {
        take(LATER, T0);
        save(LATER, Map.of(T0, 7L));

        assertThrows(FencedOffsetException.class, () -> store().takeOver(EARLIER, Map.of(T0, ID_OF_SAME_NAME)));

        assertEquals(Map.of(T0, 7L), store().takeOver(LATER, Map.of(T0, TOPIC_ID)));
    }

    @Test
    void saysWhatToDoWhenAGroupIsBegunAnew() {
        OffsetOwner first = new OffsetOwner("g", "m3", 1);
        take(LATER, T0);
        save(LATER, Map.of(T0, 7L));

        FencedOffsetException e = assertThrows(FencedOffsetException.class, () -> take(first, T0));
        assertTrue(e.getMessage().contains("call delete(\"g\")"), e.getMessage());
        delete("g");

        assertEquals(Map.of(), take(first, T0));
        assertThrows(FencedOffsetException.class, () -> save(LATER, Map.of(T0, 8L)));
    }

    protected final Map<TopicPartition, Long> take(OffsetOwner owner, TopicPartition... partitions) {
        return store().takeOver(owner, withId(partitions));
    }

    protected static Map<TopicPartition, UUID> withId(TopicPartition... partitions) {
        Map<TopicPartition, UUID> withId = new HashMap<>();
        for (TopicPartition partition : partitions) {
            withId.put(partition, TOPIC_ID);
        }
        return withId;
    }
}
