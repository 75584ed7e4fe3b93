package io.tidemill.replication.raft;

import io.tidemill.planted.Patch;
import java.util.List;

/** What could be wrong with a core, as changes of its source: a simulation is believed when it finds each of them. */
enum PlantedBug {
    VOTE_NOT_PERSISTED(
            65,
            in("RaftState", "out.persist(newBallot);", "out.persist(new Ballot(newBallot.term(), Ballot.NOBODY));")),
    TERM_NOT_PERSISTED(
            3,
            in(
                    "RaftState",
                    "out.persist(newBallot);",
                    "if (newBallot.votedFor() != Ballot.NOBODY) { out.persist(newBallot); }")),
    SENT_BEFORE_FLUSH(0, in("PendingWrites", "held.element().write() <= completedWrite", "true")),
    OWN_COPY_COUNTS_BEFORE_FLUSH(0, in("Replication", "state.writes().durableIndex()", "state.log().lastIndex()")),
    PUBLISHED_BEFORE_FLUSH(0, in("RaftState", "Math.min(commitIndex, writes.durableIndex())", "commitIndex")),
    DURABLE_THOUGH_TRUNCATED(3, in("RaftState", "writes.onTruncated(index);", "")),
    COMMIT_OF_OLD_TERM(0, in("Replication", "&& log.has(agreedIndex, state.term())", "")),
    COMMIT_BEYOND_LAST_NEW_ENTRY(
            140,
            in(
                    "Following",
                    "Math.min(request.commitIndex(), request.lastIndex())",
                    "Math.min(request.commitIndex(), log.lastIndex())")),
    NO_UP_TO_DATE_CHECK(0, in("Elections", "state.log().isReachedBy(request.lastIndex(), request.lastTerm())", "true")),
    NO_PREVIOUS_TERM_CHECK(
            0,
            in(
                    "Following",
                    "log.has(request.prevIndex(), request.prevTerm())",
                    "request.prevIndex() <= log.lastIndex()")),
    QUORUM_LESS_ONE(0, in("Membership", "voters.size() / 2 + 1", "Math.max(1, voters.size() / 2)")),
    TRUNCATES_ALWAYS(
            0,
            in(
                    "Following",
                    "if (state.log().has(entry.index(), entry.term())) {",
                    "if (entry.index() <= state.commitIndex()) {")),
    LEADER_IGNORES_NEWER_TERM(
            3,
            in(
                    "RaftState",
                    "remember(new Ballot(newerTerm, Ballot.NOBODY), out);",
                    "remember(new Ballot(newerTerm, Ballot.NOBODY), out); if (role instanceof Leader) { return; }")),
    LEADER_HEARS_NOBODY(0, in("Replication", "if (!hearsMajority(nowNs)) {", "if (nowNs != nowNs) {")),
    REMOVED_LEADER_STAYS(58, in("RaftCore", "if (replication.isRemoved()) {", "if (nowNs != nowNs) {")),
    SNAPSHOT_KEEPS_LOG(
            62,
            in(
                    "RaftLogView",
                    "entries.clear();",
                    "entries.subList(0, (int) Math.min(entries.size(), newer.index() - snapshot.index())).clear();"),
            in("Effects", "truncateFrom(newSnapshot.index() + 1);", "")),
    NO_NO_OP(1, in("Replication", "state.append(new RaftEntry(firstIndex, state.term(), new NoOp()), out);", "")),
    NO_PRE_VOTE(0, in("Elections", "if (isElectedBy(grants)) {", "if (nowNs == nowNs) {")),
    LEARNER_COUNTS(
            3,
            in(
                    "Membership",
                    "return agreeing >= majority();",
                    "for (int id : learners) { agreeing += agrees.test(id) ? 1 : 0; } return agreeing >= majority();"),
            in(
                    "Membership",
                    "voters.stream().mapToLong(",
                    "java.util.stream.Stream.concat(voters.stream(), learners.stream()).mapToLong(")),
    REMOVED_SERVER_VOTES(
            276,
            in(
                    "Elections",
                    "return state.log().membership().hasMajority(grants::contains);",
                    "return grants.size() > state.log().membership().voters().size() / 2;")),
    REMOVED_LEADER_COUNTS(
            2,
            in(
                    "Replication",
                    "long agreedIndex = log.membership()",
                    "long agreedIndex = log.membership().withVoter(state.selfId())")),
    READ_WITHOUT_ROUND(113, in("ReadRounds", "read.round() <= confirmedRound", "read.round() < Long.MAX_VALUE")),
    READ_OF_COMMIT_INDEX(
            0, in("RaftCore", "Math.max(state.commitIndex(), leader.firstIndex())", "state.commitIndex()")),
    TWO_CHANGES_AT_ONCE(
            43, in("RaftCore", "Math.max(log.membershipIndex(), leader.firstIndex())", "leader.firstIndex()")),
    REMOVED_SERVER_IS_NOT_ELECTED(
            276, in("Elections", "|| log.membershipAt(state.commitIndex()).isVoter(state.selfId())", "")),
    MEMBERS_STAY_WHEN_TRUNCATED(0, in("RaftLogView", "memberships.tailMap(index, true).clear();", "")),
    NO_BACK_UP(0, in("Progress", "nextIndex = Math.max(Math.min(agreeingIndex, prevIndex - 1), matchIndex) + 1;", "")),
    SNAPSHOT_FROM_ANYWHERE(
            104, in("IncomingSnapshot", "if (chunk.position() == bytes.size()) {", "if (chunk != null) {"));

    private final int seed;
    private final List<Patch> patches;

    PlantedBug(int seed, Patch... patches) {
        this.seed = seed;
        this.patches = List.of(patches);
    }

    private static Patch in(String className, String text, String replacement) {
        return new Patch(PlantedBug.class.getPackageName() + "." + className, text, replacement);
    }

    /** The first that found it; with another simulation it is another one. */
    int seed() {
        return seed;
    }

    List<Patch> patches() {
        return patches;
    }
}
