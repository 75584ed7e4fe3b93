package io.tidemill.groups.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.HeartbeatReply.Assigned;
import io.tidemill.groups.coordinator.HeartbeatReply.Refused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** G01, G02: what each request does to a group. */
class GroupCoreTest {
    private static final long SESSION_NS = 45;
    private static final long REBALANCE_NS = 300;
    private static final long RETENTION_MS = 7_000;
    private static final Set<String> T = Set.of("t");

    private static final GroupTimeouts TIMEOUTS = new GroupTimeouts(SESSION_NS, REBALANCE_NS);
    private final TreeMap<String, Integer> topics = new TreeMap<>(Map.of("t", 4));
    private final List<GroupEvent> log = new ArrayList<>();
    private GroupCore core = new GroupCore(Assignor.uniform());
    private long nowNs = Long.MAX_VALUE - 20;
    private long epochMs = 1_000;

    @Test
    void theFirstMemberGetsEverythingAtOnce() {
        Assigned reply = assigned(heartbeat("a", 0));

        assertEquals(partitions(0, 1, 2, 3), reply.partitions());
        assertEquals(1, reply.epoch());
        assertEquals("a", core.owner(at(0)));
    }

    @Test
    void aPartitionMovesWhenItsOwnerSaysThatItGaveItUp() {
        heartbeat("a", 0);

        Assigned joined = assigned(heartbeat("b", 0));
        assertEquals(Set.of(), joined.partitions());
        assertEquals(2, joined.epoch());

        Assigned told = assigned(heartbeat("a", 1, 0, 1, 2, 3));
        assertEquals(2, told.partitions().size());
        assertEquals(1, told.epoch());
        // It still reads all of them.
        assigned(heartbeat("a", 1, 0, 1, 2, 3));
        assertEquals(Set.of(), assigned(heartbeat("b", 2)).partitions());

        Assigned followed = assigned(heartbeat("a", 1, numbers(told.partitions())));
        assertEquals(2, followed.epoch());
        assertEquals(told.partitions(), followed.partitions());
        Assigned given = assigned(heartbeat("b", 2));
        assertEquals(2, given.partitions().size());
        assertEquals(Set.of(), intersection(given.partitions(), told.partitions()));
    }

    @Test
    void whatAMemberLeavesBehindGoesToTheOthers() {
        share();

        assertNull(core.onLeave("b", false, now(), log));

        assertEquals(partitions(0, 1, 2, 3), assigned(heartbeat("a", 2, 0, 1)).partitions());
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, refused(heartbeat("b", 2)));
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, core.onLeave("b", false, now(), log));
    }

    @Test
    void aSilentMemberIsNoneWhenItsSessionIsOver() {
        share();
        nowNs += SESSION_NS - 1;
        heartbeat("a", 2, 0, 1);
        core.onTick(now(), log);
        assertEquals("b", core.owner(at(2)));

        nowNs++;
        core.onTick(now(), log);

        assertNull(core.owner(at(2)));
        assertEquals(partitions(0, 1, 2, 3), assigned(heartbeat("a", 2, 0, 1)).partitions());
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, refused(heartbeat("b", 2, 2, 3)));
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, commit("b", 2, 2, 7));
        assertNull(core.committed(at(2)));
    }

    @Test
    void aMemberThatDoesNotGiveUpWhatItMustIsNoneAfterAWhile() {
        heartbeat("a", 0);
        heartbeat("b", 0);
        long toldNs = nowNs;
        while (nowNs - toldNs < REBALANCE_NS) {
            heartbeat("a", 1, 0, 1, 2, 3);
            heartbeat("b", 2);
            core.onTick(now(), log);
            assertEquals("a", core.owner(at(3)));
            nowNs += SESSION_NS / 3;
        }

        core.onTick(now(), log);

        assertEquals(partitions(0, 1, 2, 3), assigned(heartbeat("b", 2)).partitions());
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, refused(heartbeat("a", 1, 0, 1, 2, 3)));
    }

    @Test
    void aMemberWithAnotherEpochIsFenced() {
        share();

        assertEquals(Refusal.FENCED_MEMBER_EPOCH, refused(heartbeat("a", 7, 0, 1)));
        assertEquals(Refusal.FENCED_MEMBER_EPOCH, commit("a", 7, 0, 1));
        // Its answer may have got lost, but then it cannot have what it was never given.
        assertEquals(2, assigned(heartbeat("a", 1, 0, 1)).epoch());
        assertEquals(Refusal.FENCED_MEMBER_EPOCH, refused(heartbeat("a", 1, 0, 1, 2)));
    }

    @Test
    void commitsOfWhoOwnsThePartitionCount() {
        share();

        assertNull(commit("a", 2, 0, 5));
        assertEquals(Refusal.NOT_OWNED, commit("a", 2, 3, 5));
        assertEquals(Refusal.STALE_MEMBER_EPOCH, commit("a", 1, 0, 6));
        assertEquals(Refusal.UNKNOWN_MEMBER_ID, commit("c", 1, 0, 6));

        assertEquals(5, committedOf(0));
        assertNull(core.committed(at(3)));
    }

    @Test
    void whatIsBeingGivenUpMayStillBeCommitted() {
        heartbeat("a", 0);
        heartbeat("b", 0);
        Assigned told = assigned(heartbeat("a", 1, 0, 1, 2, 3));
        int given = numbers(partitions(0, 1, 2, 3)).length - 1;
        assertEquals(2, told.partitions().size());

        assertNull(commit("a", 1, given, 9));

        assertEquals(9, committedOf(given));
    }

    @Test
    void topicsThatGrowComeOrGoAreDividedAnew() {
        share();

        topics.put("t", 6);
        heartbeat("a", 2, 0, 1);
        heartbeat("b", 2, 2, 3);
        assertEquals(
                3, assigned(heartbeat("a", core.epoch(), 0, 1)).partitions().size());
        assertEquals(
                3, assigned(heartbeat("b", core.epoch(), 2, 3)).partitions().size());

        topics.clear();
        core.onTick(now(), log);
        assertEquals(Set.of(), assigned(heartbeat("a", core.epoch() - 1, 0, 1)).partitions());
    }

    @Test
    void aMemberThatWantsAnotherTopicGetsThatOne() {
        TopicPartition u0 = new TopicPartition("u", 0);
        topics.put("u", 1);
        heartbeat("a", 0);

        core.onHeartbeat(wishing("a", 1, "u", partitions(0, 1, 2, 3)), now(), log);
        Assigned followed = assigned(core.onHeartbeat(wishing("a", 1, "u", Set.of()), now(), log));

        assertEquals(Set.of(u0), followed.partitions());
        assertNull(core.owner(at(0)));
    }

    @Test
    void aTopicThatNobodyWantsAnyMoreDisturbsNobody() {
        topics.put("u", 1);
        heartbeat("a", 0);
        core.onHeartbeat(wishing("b", 0, "u", Set.of()), now(), log);
        core.onLeave("b", false, now(), log);
        int epoch = core.epoch();

        topics.put("u", 2);
        assigned(heartbeat("a", 1, 0, 1, 2, 3));

        assertEquals(epoch, core.epoch());
    }

    @Test
    void aStaticMemberThatComesBackFindsWhatItHad() {
        assigned(beat("a", "one", 0));
        assigned(beat("b", "two", 0));
        assigned(beat("a", "one", 1, 0, 1, 2, 3));
        assigned(beat("a", "one", 1, 0, 1));
        assigned(beat("b", "two", 2));
        Set<TopicPartition> before = assigned(beat("b", "two", 2)).partitions();
        int epoch = core.epoch();

        core.onLeave("b", true, now(), log);
        assertEquals(partitions(0, 1), assigned(beat("a", "one", 2, 0, 1)).partitions());
        Assigned back = assigned(beat("b2", "two", 0));

        assertEquals(before, back.partitions());
        assertEquals(epoch, core.epoch());
        assertEquals(2, core.members().size());
    }

    @Test
    void aStaticMemberThatStaysAwayIsMissedWhenItsSessionIsOver() {
        assigned(beat("a", "one", 0));
        core.onLeave("a", true, now(), log);
        nowNs += SESSION_NS;

        core.onTick(now(), log);

        assertEquals(0, core.members().size());
    }

    @Test
    void anInstanceIsNotTwoMembers() {
        assigned(beat("a", "one", 0));

        assertEquals(Refusal.UNRELEASED_INSTANCE_ID, refused(beat("b", "one", 0)));
        // The same one may join again, whatever it heard of the first time.
        assertEquals(4, assigned(beat("a", "one", 0)).partitions().size());
    }

    @Test
    void aReplayGivesTheSameGroup() {
        share();
        commit("a", 2, 0, 5);
        GroupCore replayed = new GroupCore(Assignor.uniform());

        log.forEach(replayed::replay);

        assertEquals(List.copyOf(core.members()), List.copyOf(replayed.members()));
        assertEquals(core.epoch(), replayed.epoch());
        assertEquals(core.committed(at(0)), replayed.committed(at(0)));
        assertEquals("b", replayed.owner(at(2)));
    }

    @Test
    void nobodyIsSilentJustBecauseTheCoordinatorWasAway() {
        share();
        nowNs += 10 * SESSION_NS;
        core = new GroupCore(Assignor.uniform());
        log.forEach(core::replay);
        core.onReplayed(nowNs);
        nowNs += SESSION_NS - 1;

        core.onTick(now(), log);

        assertEquals(2, core.members().size());
        assertEquals(partitions(0, 1), assigned(heartbeat("a", 2, 0, 1)).partitions());
    }

    @Test
    void twoOwnersCannotBeReplayed() {
        share();
        Member b = core.members().stream()
                .filter(member -> member.id().equals("b"))
                .findFirst()
                .orElseThrow();

        assertThrows(
                IllegalStateException.class,
                () -> core.replay(new MemberChanged(b.advanced(3, partitions(0, 1, 2, 3)))));
    }

    /** A custom assignor decides; one that throws, or decides what cannot be, does not hold up the group. */
    @Test
    void theGroupGoesOnWhateverItsAssignorDoes() {
        Map<String, Set<TopicPartition>> decision = new HashMap<>();
        boolean[] throwing = {false};
        core = new GroupCore((members, partitions) -> {
            if (throwing[0]) {
                throw new IllegalStateException("planted");
            }
            return decision;
        });
        decision.put("a", partitions(3));
        assertEquals(partitions(3), assigned(heartbeat("a", 0)).partitions());
        assertNull(core.assignorFailure());

        for (Map<String, Set<TopicPartition>> impossible : List.of(
                Map.of("a", partitions(99)),
                Map.of("x", partitions(1)),
                Map.of("a", Set.of(new TopicPartition("u", 0))),
                Map.of("a", partitions(1), "b", partitions(1)))) {
            decision.clear();
            decision.putAll(impossible);
            heartbeat("b", 0);
            assertInstanceOf(IllegalArgumentException.class, core.assignorFailure(), impossible::toString);
            core.onLeave("b", false, now(), log);
        }
        throwing[0] = true;
        topics.put("t", 8);
        core.onTick(now(), log);

        assertNotNull(core.assignorFailure());
        assertEquals("planted", core.assignorFailure().getMessage());
        assertEquals(8, assigned(heartbeat("a", 0)).partitions().size());
    }

    @Test
    void whatNobodyWantsIsForgottenWhenItsTimeIsOverAndTheGroupWithIt() {
        heartbeat("a", 0);
        commit("a", 1, 0, 5);
        epochMs += 10 * RETENTION_MS;
        core.onExpiry(RETENTION_MS, now(), log);
        assertEquals(5, committedOf(0));

        // It counts from when nobody wanted it any more.
        core.onLeave("a", false, now(), log);
        epochMs += RETENTION_MS - 1;
        core.onExpiry(RETENTION_MS, now(), log);
        assertEquals(5, committedOf(0));
        epochMs++;
        core.onExpiry(RETENTION_MS, now(), log);

        assertNull(core.committed(at(0)));
        assertTrue(core.isNone());
        assertEquals(new Dissolved(), log.get(log.size() - 1));
    }

    @Test
    void whatWasCommittedOfATopicThatIsGoneIsForgottenAtOnce() {
        heartbeat("a", 0);
        commit("a", 1, 0, 5);
        topics.clear();

        core.onExpiry(RETENTION_MS, now(), log);

        assertNull(core.committed(at(0)));
        assertEquals(1, core.members().size());
        assertFalse(core.isNone());
    }

    @Test
    void onlyWhatNoMemberWantsCanBeForgotten() {
        TopicPartition u0 = new TopicPartition("u", 0);
        core.onReset(Map.of(at(0), committedAt(5), u0, committedAt(6)), log);
        heartbeat("a", 0);

        assertEquals(Refusal.NON_EMPTY_GROUP, core.onForget(Set.of(u0, at(0)), log));
        assertEquals(Set.of(at(0), u0), core.committed().keySet());
        int events = log.size();
        assertNull(core.onForget(Set.of(u0, new TopicPartition("u", 1)), log));

        assertEquals(List.of(new Forgotten(u0)), log.subList(events, log.size()));
        assertEquals(Set.of(at(0)), core.committed().keySet());
    }

    @Test
    void onlyAGroupWithoutMembersIsResetOrDeleted() {
        heartbeat("a", 0);
        assertEquals(Refusal.NON_EMPTY_GROUP, core.onReset(Map.of(at(0), committedAt(5)), log));
        assertEquals(Refusal.NON_EMPTY_GROUP, core.onDelete(log));
        assertNull(core.committed(at(0)));
        core.onLeave("a", false, now(), log);

        assertNull(core.onReset(Map.of(at(0), committedAt(5)), log));
        assertEquals(5, committedOf(0));
        assertNull(core.onDelete(log));

        assertNull(core.committed(at(0)));
        assertTrue(core.isNone());
    }

    @Test
    void itIsQuietUntilTheFirstOfTheOthersMayBeMissed() {
        heartbeat("a", 0);
        assertEquals(Long.MAX_VALUE, core.quietNs("a", nowNs));
        nowNs += 10;
        heartbeat("b", 0);

        assertEquals(SESSION_NS - 10, core.quietNs("b", nowNs));
        assertEquals(SESSION_NS, core.quietNs("a", nowNs));
        core.onHeard("a", nowNs);
        assertEquals(SESSION_NS, core.quietNs("b", nowNs));
        // Longer than for its session it is not waited for what it has to give up.
        heartbeat("a", 1, 0, 1, 2, 3);
        nowNs += REBALANCE_NS - 1;
        core.onHeard("a", nowNs);
        assertEquals(1, core.quietNs("b", nowNs));
    }

    @Test
    void whoIsHeardOfIsNotMissedAndWhoIsNoMemberStaysNone() {
        share();
        nowNs += SESSION_NS - 1;
        core.onHeard("a", nowNs);
        core.onHeard("x", nowNs);
        nowNs++;

        core.onTick(now(), log);

        assertNotNull(core.find("a"));
        assertNull(core.find("b"));
        assertNull(core.find("x"));
    }

    @Test
    void aMemberIsBehindWhileAHeartbeatWouldLeadItOn() {
        heartbeat("a", 0);
        assertFalse(core.isBehind("a"));
        assertTrue(core.isBehind("x"));

        heartbeat("b", 0);
        assertTrue(core.isBehind("a"));
        // What it is to have, somebody else has.
        assertFalse(core.isBehind("b"));
        heartbeat("a", 1, 0, 1, 2, 3);
        // It knows what to give up.
        assertFalse(core.isBehind("a"));
        heartbeat("a", 1, 0, 1);
        assertFalse(core.isBehind("a"));
        assertTrue(core.isBehind("b"));
        heartbeat("b", 2);

        assertFalse(core.isBehind("b"));
    }

    @Test
    void anotherAssignorDecidesFromTheNextRebalanceOn() {
        Assignor allToB = (members, partitions) -> Map.of("b", partitions(0, 1, 2, 3));
        share();

        core.decideBy(allToB);

        assertSame(allToB, core.assignor());
        assertEquals(partitions(0, 1), assigned(heartbeat("a", 2, 0, 1)).partitions());
        topics.put("t", 5);
        assertEquals(Set.of(), assigned(heartbeat("a", 2, 0, 1)).partitions());
    }

    /** a has 0 and 1, b has 2 and 3, both at epoch 2. */
    private void share() {
        heartbeat("a", 0);
        heartbeat("b", 0);
        heartbeat("a", 1, 0, 1, 2, 3);
        assertEquals(partitions(0, 1), assigned(heartbeat("a", 1, 0, 1)).partitions());
        assertEquals(partitions(2, 3), assigned(heartbeat("b", 2)).partitions());
    }

    private HeartbeatReply heartbeat(String id, int epoch, int... owned) {
        return beat(id, null, epoch, owned);
    }

    private HeartbeatReply beat(String id, @Nullable String instanceId, int epoch, int... owned) {
        return core.onHeartbeat(
                new Heartbeat(id, Incarnation.NONE, epoch, instanceId, T, TIMEOUTS, partitions(owned)), now(), log);
    }

    private static Heartbeat wishing(String id, int epoch, String topic, Set<TopicPartition> owned) {
        return new Heartbeat(id, Incarnation.NONE, epoch, null, Set.of(topic), TIMEOUTS, owned);
    }

    private static Assigned assigned(HeartbeatReply reply) {
        return assertInstanceOf(Assigned.class, reply);
    }

    private static Refusal refused(HeartbeatReply reply) {
        return assertInstanceOf(Refused.class, reply).refusal();
    }

    private @Nullable Refusal commit(String id, int epoch, int partition, long offset) {
        return core.onCommit(id, epoch, Map.of(at(partition), committedAt(offset)), log);
    }

    private long committedOf(int partition) {
        CommittedOffset committed = core.committed(at(partition));
        assertNotNull(committed);
        return committed.offset();
    }

    private static TopicPartition at(int partition) {
        return new TopicPartition("t", partition);
    }

    private static Set<TopicPartition> partitions(int... numbers) {
        Set<TopicPartition> partitions = new HashSet<>();
        IntStream.of(numbers).forEach(number -> partitions.add(at(number)));
        return partitions;
    }

    private static int[] numbers(Set<TopicPartition> partitions) {
        return partitions.stream().mapToInt(TopicPartition::partition).toArray();
    }

    private static Set<TopicPartition> intersection(Set<TopicPartition> left, Set<TopicPartition> right) {
        Set<TopicPartition> both = new HashSet<>(left);
        both.retainAll(right);
        return both;
    }

    private CommittedOffset committedAt(long offset) {
        return new CommittedOffset(new UUID(1, 2), offset, "", epochMs);
    }

    private Moment now() {
        return new Moment(topics, nowNs, epochMs);
    }
}
