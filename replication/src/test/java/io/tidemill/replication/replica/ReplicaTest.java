package io.tidemill.replication.replica;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.NotEnoughReplicasException;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.replica.ReplicaNetwork.Message;
import io.tidemill.replication.replica.TestedReplica.Sent;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.StateFile;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What leaders, followers and those who send promise each other, rule by rule. The simulation has them all at once. */
class ReplicaTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private ReplicaNetwork network = network(TopicSettings.partitions(1));

    private static ReplicaNetwork network(TopicSettings topic) {
        return new ReplicaNetwork(topic, 1, 2, 3);
    }

    private void useTopic(TopicSettings topic) {
        network.close();
        network = network(topic);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private TestedReplica replica(int id) {
        return network.replica(id);
    }

    private void assertSameLogs(Integer... ids) {
        for (int id : ids) {
            assertEquals(replica(ids[0]).headers(), replica(id).headers());
            assertEquals(replica(ids[0]).bytes(), replica(id).bytes());
        }
    }

    // ---- committing

    @Test
    void whatIsSentAnywhereIsAnsweredWhenAllInSyncHaveIt() {
        Sent atLeader = replica(1).send(2);
        Sent elsewhere = replica(3).send(5);
        assertTrue(atLeader.isOpen() && elsewhere.isOpen());

        network.settle();

        assertEquals(0, atLeader.offset());
        assertEquals(2, elsewhere.offset());
        assertSameLogs(1, 2, 3);
        for (int id = 1; id <= 3; id++) {
            assertEquals(7, replica(id).highWatermark());
        }
    }

    @Test
    void whatIsSaidToALeaderBeforeItKnowsOfItselfIsNotWaitedForTwice() {
        network.settle();
        network.cutOff(1);
        Sent sent = replica(3).send(2);

        network.leadUnheard(2, 1, 2, 3);
        network.hear(3);
        network.settle();
        assertTrue(sent.isOpen());
        network.hear(2);
        network.settle();

        assertEquals(0, sent.offset());
        assertEquals(2, replica(2).highWatermark());
        assertSameLogs(2, 3);
    }

    @Test
    void whatIsSaidToALeaderThatNeverKnewOfItselfIsNotHeeded() {
        network.settle();
        network.cutOff(1);
        Sent sent = replica(3).send(2);

        network.leadUnheard(2, 1, 2, 3);
        network.hear(3);
        network.settle();
        network.leadUnheard(2, 3, 2, 3);
        network.hear(2);
        network.settle();
        assertEquals(List.of(), replica(2).headers());
        network.hear(3);
        network.settle();

        assertEquals(0, sent.offset());
        assertEquals(List.of("0 of 3: 0/0"), replica(2).headers());
        assertSameLogs(2, 3);
    }

    @Test
    void theHighWatermarkIsWhereTheShortestLogInSyncEnds() {
        network.settle();
        Sent sent = replica(1).send(4);

        network.settle(message -> message.toId() != 3);

        assertEquals(4, replica(2).log().endOffset());
        assertEquals(0, replica(1).highWatermark());
        assertTrue(sent.isOpen());
        network.lead(1, 0, 1, 2);
        network.settle(message -> message.toId() != 3);
        assertEquals(4, replica(1).highWatermark());
        assertEquals(0, sent.offset());
    }

    @Test
    void whoIsAskedToBeInSyncCountsBeforeTheControllerHasAnswered() {
        network.lead(1, 0, 1, 2);
        network.settle();
        assertEquals(List.of(1, 2, 3), askedIsr());

        Sent sent = replica(1).send(1);
        network.settle(message -> message.toId() != 3);

        assertTrue(sent.isOpen());
        assertEquals(0, replica(1).highWatermark());
    }

    @Test
    void whoIsRefusedToBeInSyncDoesNotCount() {
        network.lead(1, 0, 1, 2);
        network.settle();

        refuseIsr(true);
        network.cutOff(3);
        Sent sent = replica(1).send(1);
        network.settle();

        assertEquals(0, sent.offset());
    }

    /** Seed 4481 of the simulation of clusters, as it was then: asked for twice, refused, committed without it, and then granted. */
    @Test
    void whoIsRefusedAndMayBeInSyncYetCountsUntilTheControllerSaysAnewWhatThereIs() {
        network.lead(1, 0, 1, 2);
        network.settle();

        refuseIsr(false);
        network.cutOff(3);
        Sent sent = replica(1).send(1);
        network.settle();

        assertTrue(sent.isOpen());
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(List.of(1, 2), askedIsr(1));
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(2, replica(1).asked().size());
        refuseIsr(true);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertTrue(sent.isOpen());
        assertEquals(List.of(1, 2), askedIsr(2));

        network.lead(1, 0, 1, 2);
        network.settle();
        assertEquals(0, sent.offset());
    }

    private void refuseIsr(boolean isLast) {
        replica(1)
                .replicas()
                .onIsrRefused(TestedReplica.ID, replica(1).asked().get(0).partitionEpoch(), isLast);
    }

    @Test
    void whoLacksWhatALeaderBeganWithIsNotAskedForThoughThatLeaderDoesNotKnowWhatIsCommitted() {
        useTopic(TopicSettings.partitions(1).withMinInsyncReplicas(2));
        network.lead(1, 0, 1, 2);
        network.cutOff(3);
        Sent committed = replica(1).send(4);
        network.settle();
        assertEquals(0, committed.offset());

        network.close(1);
        network.open(1);
        network.cutOff(2);
        network.connect(3);
        network.lead(1, 1, 1);
        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);
        assertEquals(0, replica(1).highWatermark());
        assertEquals(List.of(), replica(1).asked());

        network.cutOff(3);
        network.connect(3);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(4, replica(3).log().endOffset());
        assertEquals(List.of(1, 3), askedIsr());
    }

    @Test
    void whoDoesNotKeepUpIsAskedToLeave() {
        network.settle();
        network.cutOff(3);

        network.pass(ReplicaNetwork.LAG_MS / 2);
        assertEquals(List.of(), replica(1).asked());
        network.pass(ReplicaNetwork.LAG_MS);

        assertEquals(List.of(1, 2), askedIsr());
    }

    private List<Integer> askedIsr() {
        return askedIsr(0);
    }

    private List<Integer> askedIsr(int index) {
        return replica(1).asked().get(index).isr().stream()
                .map(InSync::brokerId)
                .toList();
    }

    /** Who left may be elected later, so nothing is committed without it. */
    @Test
    void theHighWatermarkStaysWhileTooFewAreInSync() {
        useTopic(TopicSettings.partitions(1).withMinInsyncReplicas(2));
        network.settle();
        network.cutOff(2);
        network.cutOff(3);
        Sent before = replica(1).send(1);
        network.settle();
        network.lead(1, 0, 1);
        Sent after = replica(1).send(1);
        network.settle();

        assertTrue(before.isOpen() && after.isOpen());
        assertEquals(0, replica(1).highWatermark());
        assertEquals(1, replica(1).log().endOffset());

        network.connect(2);
        network.lead(1, 0, 1, 2);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(0, before.offset());
        assertEquals(1, after.offset());
    }

    @Test
    void tellsThatTooFewWereInSyncAllTheTime() {
        useTopic(TopicSettings.partitions(1).withMinInsyncReplicas(2));
        network.lead(1, 0, 1);
        Sent sent = replica(2).send(1);
        network.settle();

        for (long ms = 0; ms < ReplicaNetwork.DELIVERY_TIMEOUT_MS; ms += ReplicaNetwork.ASK_AGAIN_MS) {
            assertTrue(sent.isOpen());
            network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        }

        assertInstanceOf(NotEnoughReplicasException.class, sent.failure());
        assertEquals(0, replica(1).log().endOffset());
    }

    // ---- sending

    @Test
    void whatIsSentTwiceIsThereOnceAndAnswersItsFirstOffset() {
        replica(1).send(3);
        network.settle();
        Sent sent = replica(2).send(2);

        network.settle(message -> message.kind() != ReplicaMessageLayout.APPENDED);
        assertTrue(sent.isOpen());
        assertEquals(5, replica(1).log().endOffset());
        network.cutOff(2);
        network.connect(2);
        network.settle();

        assertEquals(3, sent.offset());
        assertEquals(5, replica(1).log().endOffset());
    }

    @Test
    void whatIsSentAgainToAnotherLeaderIsThereOnce() {
        Sent sent = replica(2).send(2);
        network.settle(message -> message.kind() != ReplicaMessageLayout.APPENDED);

        network.cutOff(1);
        network.lead(3, 1, 2, 3);
        network.settle();

        assertEquals(0, sent.offset());
        assertEquals(List.of("0 of 0: 0/0"), replica(3).headers());
    }

    @Test
    void aBatchThatWantsACertainOffsetTravelsAlone() {
        replica(2).send(1);
        network.settle();

        replica(2).send(1);
        Sent conditional = replica(2).sendAt(2, 1);
        Sent behind = replica(2).send(1);
        assertEquals(1, appendsOnTheWay());
        network.settle(message -> {
            if (message.kind() == ReplicaMessageLayout.APPEND) {
                assertEquals(0, appendsOnTheWay());
            }
            return true;
        });

        assertEquals(2, conditional.offset());
        assertEquals(3, behind.offset());
    }

    private long appendsOnTheWay() {
        return network.messages().stream()
                .filter(message -> message.kind() == ReplicaMessageLayout.APPEND)
                .count();
    }

    @Test
    void theNumbersOfWhatWasRefusedAreFreeAgain() {
        replica(2).send(2);
        network.settle();

        Sent refused = replica(2).sendAt(7, 5);
        Sent behind = replica(2).send(1);
        network.settle();

        assertInstanceOf(OffsetMismatchException.class, refused.failure());
        assertEquals(2, behind.offset());
        assertEquals(List.of("0 of 0: 0/0", "2 of 0: 0/2"), replica(1).headers());
    }

    /** The leader was told to answer without asking others, so what it answered may be gone with it. */
    @Test
    void theNumbersBeginAnewWhenTheLeaderMissesWhatWasAnswered() {
        replica(2).send(1);
        network.settle();
        Sent lost = replica(2).sendUnreplicated(2);
        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);
        assertEquals(1, lost.offset());

        network.cutOff(1);
        network.lead(3, 1, 2, 3);
        Sent next = replica(2).send(1);
        Sent behind = replica(2).send(1);
        network.settle();

        assertEquals(1, next.offset());
        assertEquals(2, behind.offset());
        assertEquals(
                List.of("0 of 0: 0/0", "1 of 1: 1/0", "2 of 1: 1/1"), replica(3).headers());
    }

    @Test
    void whoeverAsksForTheLeaderAloneDoesNotWaitForThoseWhoAskForAll() {
        replica(2).send(1);
        network.settle();
        Sent replicated = replica(2).send(1);
        Sent flushedBehindReplicated = replica(2).flush();
        Sent unreplicated = replica(2).sendUnreplicated(1);
        Sent flushedBehindUnreplicated = replica(2).flushUnreplicated();

        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);

        assertTrue(replicated.isOpen());
        assertTrue(flushedBehindReplicated.isOpen());
        assertEquals(2, unreplicated.offset());
        assertFalse(flushedBehindUnreplicated.isOpen());
        assertEquals(1, replica(1).highWatermark());
        network.cutOff(1);
        network.connect(1);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(1, replicated.offset());
        assertFalse(flushedBehindReplicated.isOpen());
    }

    @Test
    void whoeverAsksForTheLeaderAloneHearsOfItsRecordsInTheirOrder() {
        replica(2).send(1);
        network.settle();
        Sent replicated = replica(2).newReplicated();
        Sent beside = replica(2).sendUnreplicatedBeside(replicated);
        Sent behind = replica(2).sendUnreplicated(1);
        Sent flushed = replica(2).flushUnreplicated();

        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);

        assertEquals(4, replica(1).log().endOffset());
        assertTrue(beside.isOpen());
        assertTrue(behind.isOpen());
        assertTrue(flushed.isOpen());
        network.cutOff(3);
        network.connect(3);
        network.cutOff(2);
        network.connect(2);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(1, replicated.offset());
        assertEquals(2, beside.offset());
        assertEquals(3, behind.offset());
        assertFalse(flushed.isOpen());
        assertEquals(4, replica(1).log().endOffset());
    }

    /** It was appended, and nobody was told; so it is sent again, and is not lost. */
    @Test
    void whatWasNotToldYetIsSentAgainToTheNextLeader() {
        replica(2).send(1);
        network.settle();
        Sent beside = replica(2).sendUnreplicatedBeside(replica(2).newReplicated());
        Sent behind = replica(2).sendUnreplicated(1);
        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);
        assertTrue(behind.isOpen());

        network.cutOff(1);
        network.lead(3, 1, 2, 3);
        network.settle();

        assertEquals(2, beside.offset());
        assertEquals(3, behind.offset());
        assertEquals(4, replica(3).log().endOffset());
    }

    @Test
    void onlyThoseWhoAskForAllNeedEnoughReplicas() {
        useTopic(TopicSettings.partitions(1).withMinInsyncReplicas(2));
        network.lead(1, 0, 1);

        Sent unreplicated = replica(2).sendUnreplicated(1);
        Sent replicated = replica(2).send(1);
        network.settle();

        assertEquals(0, unreplicated.offset());
        assertTrue(replicated.isOpen());
        assertEquals(1, replica(1).log().endOffset());
        assertEquals(0, replica(1).highWatermark());
    }

    /** What is on its way in front of it goes on under its own numbers. */
    @Test
    void whatIsInFrontOfABatchThatCouldNotBeStoredIsThereOnce() {
        LossyStorage storage = new LossyStorage();
        network.reopenOver(1, storage);
        network.settle();
        replica(2).send(1);
        network.settle();

        Sent inFront = replica(2).send(1);
        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);
        Sent refused = replica(2).send(1);
        Sent behind = replica(2).send(1);
        storage.failAt(0, LossyStorage.Fault.FAILS);
        network.settle(message -> message.kind() != ReplicaMessageLayout.BATCHES);
        network.cutOff(3);
        network.connect(3);
        network.cutOff(2);
        network.connect(2);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertInstanceOf(StorageException.class, refused.failure());
        assertEquals(1, inFront.offset());
        assertEquals(2, behind.offset());
        assertEquals(3, replica(1).log().endOffset());
        assertSameLogs(1, 2, 3);
    }

    @Test
    void doubtIsToldWhenNobodyHasAnsweredInTime() {
        network.cutOff(1);
        Sent sent = replica(2).send(1);

        network.pass(ReplicaNetwork.DELIVERY_TIMEOUT_MS - 1);
        assertTrue(sent.isOpen());
        network.pass(1);

        assertInstanceOf(UnansweredException.class, sent.failure());
    }

    /** With nothing in front of it there is nothing more to wait for. */
    @Test
    void aFlushEndsWithTheLastThatIsGivenUp() {
        network.cutOff(1);
        Sent sent = replica(2).send(1);
        Sent flush = replica(2).flush();
        network.pass(ReplicaNetwork.DELIVERY_TIMEOUT_MS - 1);
        assertTrue(flush.isOpen());

        network.pass(1);

        assertInstanceOf(UnansweredException.class, sent.failure());
        assertNull(flush.failure());
        assertFalse(flush.isOpen());
    }

    /** Who leads a partition that was just created may not know of it yet. */
    @Test
    void whoSendsToABrokerThatDoesNotKnowThePartitionIsToldSo() {
        replica(1).replicas().remove(TestedReplica.ID);
        Sent sent = replica(2).send(1);

        List<Byte> said = new ArrayList<>();
        network.settle(message -> said.add(message.kind()));

        assertEquals(1, Collections.frequency(said, ReplicaMessageLayout.APPEND));
        assertEquals(1, Collections.frequency(said, ReplicaMessageLayout.APPENDED));
        assertTrue(sent.isOpen());
    }

    /** Numbered anew, it would be appended once more by a leader who has it from the former one. */
    @Test
    void whatAFormerLeaderMayHaveIsNotNumberedAnew() {
        replica(3).send(1);
        network.settle();
        network.fill(2);
        Sent first = replica(3).send(1);
        network.pass(10);
        Sent second = replica(3).send(1);
        network.settle();
        assertEquals(3, replica(3).log().endOffset());
        network.cutOff(1);
        network.empty(2);
        network.pass(ReplicaNetwork.DELIVERY_TIMEOUT_MS - 10);
        assertInstanceOf(UnansweredException.class, first.failure());
        assertTrue(second.isOpen());

        network.lead(2, 1, 2, 3);
        network.settle(message ->
                message.kind() == ReplicaMessageLayout.APPEND || message.kind() == ReplicaMessageLayout.APPENDED);
        network.cutOff(2);
        network.lead(3, 2, 3);
        network.settle();

        assertInstanceOf(UnansweredException.class, second.failure());
        assertEquals(3, replica(3).log().endOffset());
    }

    @Test
    void theOrderIsThatOfSendingOverARefusal() {
        useTopic(TopicSettings.partitions(1).withMinInsyncReplicas(2));
        network.lead(1, 0, 1);
        List<Sent> sent = Stream.generate(() -> replica(2).send(1)).limit(4).toList();
        network.settle();
        assertTrue(sent.stream().allMatch(Sent::isOpen));

        network.lead(1, 0, 1, 2, 3);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertEquals(List.of(0L, 1L, 2L, 3L), sent.stream().map(Sent::offset).toList());
    }

    // ---- following

    @Test
    void aZombieLeadersBatchesAreNotTaken() {
        replica(1).send(1);
        network.settle();
        network.leadUnheard(2, 1, 2, 3);
        network.hear(2);
        network.hear(3);

        Sent sent = replica(1).send(1);
        network.settle();

        assertEquals(2, replica(1).log().endOffset());
        assertEquals(1, replica(2).log().endOffset());
        assertEquals(1, replica(3).log().endOffset());
        assertTrue(sent.isOpen());
        network.hear(1);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertEquals(1, sent.offset());
        assertSameLogs(2, 1, 3);
        assertEquals(List.of("0 of 0: 0/0", "1 of 1: 0/1"), replica(1).headers());
    }

    @Test
    void whatWasOnTheWayForAnEarlierAskingIsNotTaken() {
        network.settle();
        replica(1).send(2);
        replica(1).step();
        Message batches = network.messages().stream()
                .filter(message -> message.kind() == ReplicaMessageLayout.BATCHES && message.toId() == 2)
                .findFirst()
                .orElseThrow();

        network.settle();
        network.deliver(batches);
        network.lead(1, 1, 1, 2, 3);
        network.settle();
        network.deliver(batches);

        assertEquals(List.of("0 of 0: 0/0"), replica(2).headers());
    }

    /** KIP-279: the second time, the leader knows nothing of the epoch in between, and where it ends is not where both agree. */
    @Test
    void logsAgreeAfterTwoChangesOfTheLeaderInWhichNothingWasAgreedOn() {
        replica(1).send(1);
        network.settle();
        network.cutOff(1);
        replica(1).send(1);
        network.settle();
        network.lead(2, 1, 2);
        network.cutOff(2);
        replica(2).sendUnreplicated(1);
        replica(2).sendUnreplicated(1);
        network.settle();
        assertEquals(List.of("0 of 0: 0/0", "1 of 0: 0/1"), replica(1).headers());
        assertEquals(
                List.of("0 of 0: 0/0", "1 of 1: 0/0", "2 of 1: 0/1"), replica(2).headers());

        network.lead(1, 2, 1);
        replica(1).sendUnreplicated(1);
        network.settle();
        network.connect(1);
        network.connect(2);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertEquals(3, replica(1).log().endOffset());
        assertSameLogs(1, 2, 3);
    }

    @Test
    void whatOnlyAFormerLeaderHasIsForgottenAndSentAgain() {
        network.settle();
        network.cutOff(1);
        Sent sent = replica(1).send(3);
        network.settle();
        network.lead(2, 1, 2, 3);
        Sent first = replica(3).send(1);
        network.settle();

        network.connect(1);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertEquals(0, first.offset());
        assertEquals(1, sent.offset());
        assertSameLogs(2, 1, 3);
    }

    // ---- beginning elsewhere

    @Test
    void whoHasNothingBeginsWhereTheLeadersLogDoes() {
        useTopic(retaining());
        network.openAt(1, 70);
        network.lead(1, 1, 1, 2, 3);
        Sent sent = replica(2).send(2);

        network.settle();

        assertEquals(70, sent.offset());
        assertEquals(70, replica(3).log().startOffset());
        assertEquals(72, replica(3).highWatermark());
        assertSameLogs(1, 2, 3);
    }

    @Test
    void whoEndsInFrontOfTheLeadersStartBeginsThere() {
        useTopic(retaining());
        replica(1).send(3);
        network.settle();
        network.close(3);
        network.lead(1, 0, 1, 2);
        deleteAllBehindOneMoreAtTheLeader();

        network.open(3);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertNotEquals(0, replica(1).log().startOffset());
        assertEquals(replica(1).log().startOffset(), replica(3).log().startOffset());
        assertSameLogs(1, 3);
        assertEquals(replica(1).highWatermark(), replica(3).highWatermark());
        replica(3).send(1);
        network.settle();
        assertSameLogs(1, 3);
    }

    /** What it follows with is there no more, though it followed. */
    @Test
    void whoIsTooSlowForTheLeadersRetentionBeginsWhereThatStarts() {
        useTopic(retaining());
        replica(1).send(3);
        network.settle();
        network.lead(1, 0, 1, 2);
        network.fill(3);
        deleteAllBehindOneMoreAtTheLeader();

        network.empty(3);
        network.settle();

        assertEquals(replica(1).log().startOffset(), replica(3).log().startOffset());
        assertSameLogs(1, 3);
    }

    private static TopicSettings retaining() {
        return TopicSettings.partitions(1).withSegmentBytes(16_384).withRetentionBytes(16_384);
    }

    private void deleteAllBehindOneMoreAtTheLeader() {
        for (int i = 0; i < 100; i++) {
            replica(1).send(20);
            network.settle();
        }
        replica(1).log().deleteOld();
        assertTrue(replica(1).log().startOffset() > 3);
    }

    /** Its records are of an epoch that the leader has none of, and it starts behind the leader's end. */
    @Test
    void whoStartsBehindWhereBothAgreeBeginsAnew() {
        useTopic(retaining());
        replica(1).send(3);
        network.settle();
        network.close(2);
        network.close(3);
        network.lead(1, 1, 1);
        network.openAt(1, 500);
        replica(1).send(2);
        network.settle();
        network.close(1);
        network.open(2);
        network.lead(2, 2, 2);
        Sent sent = replica(2).send(1);
        network.settle();

        network.open(1);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertEquals(3, sent.offset());
        assertEquals(0, replica(1).log().startOffset());
        assertSameLogs(2, 1);
    }

    /** Compaction has counted to a batch what went in front of it. */
    @Test
    void aBatchThatBeginsInFrontOfTheFollowersEndReplacesWhatIsThere() {
        network.settle();
        replica(1).send(2);
        replica(1).send(2);
        network.settle();
        network.close(3);
        network.lead(1, 0, 1, 2);
        replica(1).send(2);
        network.settle();
        replica(1).log().truncate(2);
        UnsafeBuffer compacted = Batches.thinned(2, 6, 5);
        compacted.putInt(BatchLayout.LEADER_EPOCH, 0, ByteOrder.LITTLE_ENDIAN);
        compacted.putInt(BatchLayout.CRC32C, new Crc32c().compute(compacted, 0), ByteOrder.LITTLE_ENDIAN);
        replica(1).log().append(compacted, 0, compacted.capacity());

        network.open(3);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);

        assertEquals(4 + 2, replica(3).log().endOffset());
        assertSameLogs(1, 3);
    }

    @Test
    void whatIsKeptBesideALogGoesWithIt() {
        replica(1).send(3);
        network.settle();
        network.close(1);
        try (LogStore store = network.storage(1).open(new SetClock(0));
                PartitionLog other = store.openLog("other")) {
            store.stateFile("other.epochs").write(new byte[1]);

            ReplicaLog.delete(TestedReplica.LOG, store);

            for (String suffix : List.of(".epochs", ".producers-0", ".producers-1")) {
                assertNull(store.stateFile(TestedReplica.LOG + suffix).read());
            }
            assertFalse(store.logNames().contains(TestedReplica.LOG));
            assertEquals(1, store.stateFile("other.epochs").read().length);
            assertEquals(0, other.endOffset());
        }
        network.open(1);
    }

    @Test
    void whichLeadersWroteWhatIsReadAgainFromALogWhenTheTableOfThatIsDamagedOrMissing() {
        replica(1).send(1);
        replica(1).send(1);
        network.settle();
        network.lead(1, 3, 1, 2, 3);
        network.settle();
        replica(1).send(2);
        network.settle();
        network.close(2);
        byte[] written = epochs(2, file -> file.write(new byte[] {1, 2, 3}));

        // Before the leader could have let it begin anew.
        network.open(2);
        network.close(2);

        assertArrayEquals(written, epochs(2, StateFile::delete));
        network.open(2);
        network.close(2);
        assertArrayEquals(written, epochs(2, file -> {}));
        network.open(2);
        network.pass(ReplicaNetwork.ASK_AGAIN_MS);
        assertSameLogs(1, 2, 3);
    }

    /** What it was, before something is done to it. */
    private byte[] epochs(int brokerId, Consumer<StateFile> change) {
        try (LogStore store = network.storage(brokerId).open(new SetClock(0))) {
            StateFile file = store.stateFile(TestedReplica.LOG + ".epochs");
            byte[] bytes = file.read();
            change.accept(file);
            return bytes;
        }
    }
}
