package io.tidemill.replication.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.NetworkException;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogCursor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a broker may rely on that reads a partition which others keep. */
class RemoteLogTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int READER = 9;

    private final ReplicaNetwork network = new ReplicaNetwork(TopicSettings.partitions(1), 1, 2, 3);
    private final TestedReplica reader = network.openReader(READER);

    @BeforeEach
    void settle() {
        network.settle();
    }

    @AfterEach
    void close() {
        network.close();
    }

    private void send(int recordCount) {
        network.replica(1).send(recordCount);
        network.settle();
    }

    private static List<Long> readAll(LogCursor cursor, long limitOffset) {
        List<Long> baseOffsets = new ArrayList<>();
        while (cursor.awaitNext(limitOffset)) {
            baseOffsets.add(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
        }
        return baseOffsets;
    }

    @Test
    void whatIsCommittedIsReadAndNothingElse() {
        send(2);
        send(3);

        try (LogCursor cursor = reader.log().newCursor()) {
            assertEquals(5, reader.highWatermark());
            network.replica(1).send(4);
            network.settle(message -> message.toId() != 3);
            assertEquals(5, reader.highWatermark());
            assertEquals(List.of(0L, 2L), readAll(cursor, reader.highWatermark()));

            network.pass(ReplicaNetwork.ASK_AGAIN_MS);
            network.lead(1, 0, 1, 2);
            network.settle();

            assertEquals(9, reader.highWatermark());
            assertEquals(List.of(5L), readAll(cursor, reader.highWatermark()));
        }
    }

    @Test
    void whatMayBeLostIsNotHandedOut() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor()) {
            cursor.next(2);
            network.replica(1).send(1);
            network.settle(message -> message.fromId() == READER || message.toId() == READER);
            assertEquals(3, network.replica(1).log().endOffset());

            network.cutOff(1);
            network.lead(2, 1, 2, 3);
            network.replica(2).send(1);
            network.settle();

            assertTrue(cursor.awaitNext(3));
            assertTrue(cursor.awaitNext(3));
            assertEquals(1, BatchLayout.leaderEpoch(cursor.buffer(), cursor.batchIndex()));
        }
    }

    @Test
    void eachCursorReadsEverything() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor();
                LogCursor other = reader.log().newCursor()) {
            assertEquals(List.of(0L), readAll(cursor, 2));
            send(3);

            assertEquals(List.of(0L, 2L), readAll(other, 5));
            assertEquals(List.of(2L), readAll(cursor, 5));
        }
    }

    @Test
    void moreThanOneAnswerHoldsIsReadWithoutAGap() {
        List<Long> baseOffsets = new ArrayList<>();
        for (long i = 0; i < 80; i++) {
            send(200);
            baseOffsets.add(i * 200);
        }

        try (LogCursor cursor = reader.log().newCursor()) {
            assertEquals(baseOffsets, readAll(cursor, reader.highWatermark()));
        }
    }

    @Test
    void aPlaceIsSought() {
        send(2);
        send(3);
        send(1);

        try (LogCursor cursor = reader.log().newCursor()) {
            cursor.next(6);
            cursor.seek(4);

            assertEquals(List.of(2L, 5L), readAll(cursor, 6));
        }
    }

    @Test
    void nothingIsThereUntilTheLeaderHasAnswered() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor()) {
            assertFalse(cursor.next(2));
            assertTrue(cursor.isOnItsWay());
            network.settle();

            assertTrue(cursor.next(2));

            assertFalse(cursor.next(2));
            assertFalse(cursor.isOnItsWay());
        }
    }

    @Test
    void whatWasAskedIsAskedAgainWhenTheConnectionIsBack() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor()) {
            cursor.next(2);
            network.settle(message -> message.kind() != ReplicaMessageLayout.FETCHED);

            network.cutOff(READER);
            network.settle();
            assertFalse(cursor.next(2));
            network.connect(READER);
            network.settle();

            assertTrue(cursor.next(2));
        }
    }

    @Test
    void whatWasAskedIsAskedOfTheNextLeader() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor()) {
            cursor.next(2);
            network.settle(message -> message.kind() != ReplicaMessageLayout.FETCHED);

            network.lead(2, 1, 2, 3);
            network.settle();

            assertTrue(cursor.next(2));
        }
    }

    @Test
    void aLeaderThatDoesNotKnowYetThatItLeadsIsAskedAgain() {
        send(2);
        network.leadUnheard(2, 1, 2, 3);
        network.hear(READER);
        network.settle();
        network.hear(2);

        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        try (LogCursor cursor = reader.log().newCursor()) {
            assertEquals(List.of(0L), readAll(cursor, reader.highWatermark()));
        }
    }

    @Test
    void whatIsLostIsNotCommittedAnyMore() {
        try (LogCursor cursor = reader.log().newCursor()) {
            network.cutOff(3);
            network.lead(1, 0, 1, 2);
            send(2);
            assertEquals(2, reader.highWatermark());

            network.close(1);
            network.close(2);
            network.connect(3);
            network.lead(3, 1, 3);
            network.settle();

            assertEquals(0, reader.highWatermark());
            assertEquals(List.of(), readAll(cursor, reader.highWatermark()));
        }
    }

    @Test
    void nobodyReadsBeforeTheLeaderHasSaidWhatThereIs() {
        send(2);
        network.cutOff(1);

        assertThrows(NetworkException.class, () -> reader.log().newCursor());
        assertThrows(NetworkException.class, () -> reader.log().awaitBounds());

        network.connect(1);
        reader.log().awaitBounds();
        assertEquals(2, reader.highWatermark());
    }

    @Test
    void whoReadsNoMoreIsToldNothing() {
        reader.log().newCursor().close();
        network.settle();
        List<Byte> kinds = new ArrayList<>();
        network.replica(1).send(2);

        network.settle(message -> message.toId() != READER || kinds.add(message.kind()));

        assertEquals(List.of(), kinds);
    }

    @Test
    void anAnswerWaitsForRoom() {
        send(2);
        try (LogCursor cursor = reader.log().newCursor()) {
            network.fill(READER);
            cursor.next(2);
            send(1);
            assertFalse(cursor.next(2));
            assertEquals(2, reader.highWatermark());

            network.empty(READER);
            network.settle();

            assertEquals(3, reader.highWatermark());
            assertEquals(List.of(0L, 2L), readAll(cursor, 3));
        }
    }
}
