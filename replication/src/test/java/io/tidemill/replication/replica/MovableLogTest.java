package io.tidemill.replication.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.replication.replica.TestedReplica.Sent;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogCursor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a broker's log of a partition, and of those who read there, when it begins and ends to keep that. */
class MovableLogTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int COMING = 9;
    private static final List<Integer> BEFORE = List.of(1, 2, 3);
    private static final List<Integer> BOTH = List.of(1, 2, 3, COMING);

    private final ReplicaNetwork network = new ReplicaNetwork(TopicSettings.partitions(1), 1, 2, 3);
    private final TestedReplica coming = network.openReader(COMING);

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
    void untilItHasEverythingItIsReadAtTheLeader() {
        send(2);
        try (LogCursor cursor = coming.log().newCursor()) {
            network.keep(BOTH, 1, 0, 1, 2, 3);
            network.settle(message -> message.toId() != COMING || message.kind() != ReplicaMessageLayout.BATCHES);
            assertTrue(coming.hasStoredLog());
            assertEquals(0, coming.log().endOffset());

            assertEquals(2, coming.highWatermark());
            assertEquals(List.of(0L), readAll(cursor, 2));
        }
    }

    @Test
    void whenItHasEverythingItIsReadHere() {
        send(2);
        try (LogCursor cursor = coming.log().newCursor()) {
            assertEquals(List.of(0L), readAll(cursor, 2));
            network.keep(BOTH, 1, 0, 1, 2, 3);
            send(3);
            network.keep(BOTH, 1, 0, 1, 2, 3, COMING);
            send(1);
            assertEquals(6, coming.highWatermark());
            network.cutOff(1);

            assertTrue(cursor.next(6));
            assertEquals(2, BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex()));
            assertEquals(List.of(5L), readAll(cursor, 6));
        }
    }

    /** The leader does not say it again. */
    @Test
    void whatWasCommittedWhenNobodyReadItIsKnown() {
        send(2);
        network.keep(BOTH, 1, 0, 1, 2, 3);
        network.settle();
        assertEquals(0, coming.highWatermark());

        network.keep(BOTH, 1, 0, 1, 2, 3, COMING);
        network.settle();

        assertEquals(2, coming.highWatermark());
    }

    @Test
    void whoReadsGoesOnAtTheLeaderWhenItIsKeptNoMore() {
        network.keep(BOTH, 1, 0, 1, 2, 3, COMING);
        network.settle();
        send(2);
        network.keep(BOTH, 1, 0, 1, 2, 3, COMING);
        try (LogCursor cursor = coming.log().newCursor()) {
            assertEquals(List.of(0L), readAll(cursor, 2));

            network.keep(BEFORE, 1, 1, 1, 2, 3);
            assertFalse(coming.hasStoredLog());
            send(3);

            assertEquals(5, coming.highWatermark());
            assertEquals(List.of(2L), readAll(cursor, 5));
        }
    }

    @Test
    void itMayLeadWhatCameToIt() {
        send(2);
        network.keep(BOTH, 1, 0, 1, 2, 3);
        network.settle();
        network.keep(BOTH, 1, 0, 1, 2, 3, COMING);
        network.settle();
        Sent behind = network.replica(2).send(1);
        network.settle();

        network.keep(List.of(COMING), COMING, 1, COMING);
        Sent next = network.replica(2).send(1);
        network.settle();

        assertEquals(2, behind.offset());
        assertEquals(3, next.offset());
        assertFalse(network.replica(1).hasStoredLog());
        try (LogCursor cursor = network.replica(1).log().newCursor()) {
            assertEquals(List.of(0L, 2L, 3L), readAll(cursor, 4));
        }
    }
}
