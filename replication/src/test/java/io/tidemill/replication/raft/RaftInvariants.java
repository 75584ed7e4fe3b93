package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftEntry.Content;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftMessage.VoteGrant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What must hold between all servers, whatever happens. */
final class RaftInvariants {
    private record Place(long index, long term) {}

    private record Known(RaftEntry entry, long prevTerm) {}

    private record Vote(int voterId, long term) {}

    /** @param byTerm of who published it first: at the latest in that term it was committed */
    private record Committed(RaftEntry entry, long byTerm, int digest) {}

    /** @param committedIndex what anybody could know to be committed when it was proposed */
    private record Accepted(RaftEntry entry, long committedIndex) {}

    private final Map<Long, Integer> leaders = new HashMap<>();
    private final Map<Vote, Integer> votes = new HashMap<>();
    private final Map<Integer, Long> toldTerms = new HashMap<>();
    private final Map<Place, Known> known = new HashMap<>();
    private final Map<Place, Accepted> accepted = new HashMap<>();
    private final Set<Content> proposals = new HashSet<>();
    private final List<Committed> committed = new ArrayList<>();

    static void require(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }

    /** How far any server has published: what an answer may rest on. */
    long committedIndex() {
        return committed.size();
    }

    /** Of all entries up to there. */
    int digest(long index) {
        return index == 0 ? 0 : committed.get((int) index - 1).digest();
    }

    int terms() {
        return leaders.size();
    }

    /** Election safety, and what was committed before a leader's term is in its log. */
    void onLeader(SimulatedServer server, long term) {
        Integer other = leaders.putIfAbsent(term, server.id());
        require(
                other == null || other == server.id(),
                () -> "two leaders of term " + term + ": " + other + ", " + server);
        if (other == null) {
            for (Committed earlier : committed) {
                require(
                        earlier.byTerm() >= term || server.mirrors(earlier.entry()),
                        () -> "a leader lacks what is committed: " + earlier + ", " + server);
            }
        }
    }

    /** Nobody votes twice in a term, also not after a crash, or goes back behind a term in which it has spoken. */
    void onSent(SimulatedServer server, int toId, RaftMessage message) {
        if (message.isPreVote()) {
            return;
        }
        Long before = toldTerms.put(server.id(), message.term());
        require(before == null || before <= message.term(), () -> "a term goes back: told=" + before + ", " + message);
        if (message instanceof VoteGrant grant) {
            Integer other = votes.putIfAbsent(new Vote(server.id(), grant.term()), toId);
            require(
                    other == null || other == toId,
                    () -> server + " votes for " + other + " and " + toId + ": " + grant);
        }
    }

    /** Log matching: the same index and term is the same entry, behind the same one. */
    void onAppended(SimulatedServer server, RaftEntry entry, long prevTerm) {
        Known here = new Known(entry, prevTerm);
        Known there = known.putIfAbsent(new Place(entry.index(), entry.term()), here);
        require(there == null || there.equals(here), () -> "logs do not match: " + there + ", " + here + ", " + server);
    }

    /** A leader took it; if it is committed at that place, it was proposed before, once, and follows what was committed by then. */
    void onAccepted(RaftEntry entry, long committedIndexBefore) {
        accepted.put(new Place(entry.index(), entry.term()), new Accepted(entry, committedIndexBefore));
    }

    /** State machine safety: all publish the same. */
    void onPublished(SimulatedServer server, RaftEntry entry) {
        if (entry.index() > committed.size()) {
            require(entry.index() == committed.size() + 1, () -> "published with a gap: " + entry + ", " + server);
            int digest = 31 * digest(entry.index() - 1) + entry.hashCode();
            committed.add(new Committed(entry, server.term(), digest));
            if (entry.content() instanceof Proposal) {
                Accepted proposed = accepted.get(new Place(entry.index(), entry.term()));
                require(
                        proposed != null
                                && proposed.entry().equals(entry)
                                && proposed.committedIndex() < entry.index()
                                && proposals.add(entry.content()),
                        () -> "not what was proposed: " + proposed + ", " + entry);
            }
        }
        RaftEntry first = committed.get((int) entry.index() - 1).entry();
        require(first.equals(entry), () -> "published differently: " + first + ", " + entry + ", " + server);
    }

    /** Whoever holds it for committed has a majority of disks for that. */
    static void onCommitted(SimulatedServer leader, long index, List<SimulatedServer> servers) {
        long term = leader.term();
        require(
                leader.membership().hasMajority(id -> servers.get(id - 1).disk().has(index, term)),
                () -> "committed, but not durable on a majority, or not of the leader's term: index=" + index + ", "
                        + leader);
    }
}
