package io.tidemill.replication.raft;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/**
 * Who belongs to the cluster. Each membership differs from the one before by one server at most, so a majority of the one
 * always has a server in common with a majority of the other.
 *
 * @param voters decide, in ascending order
 * @param learners get all entries, and decide nothing
 */
public record Membership(Set<Integer> voters, Set<Integer> learners) {
    /** What a server knows that is to join a cluster. */
    public static final Membership UNKNOWN = new Membership(Set.of(), Set.of());

    public Membership {
        voters = Collections.unmodifiableSet(new TreeSet<>(voters));
        learners = Collections.unmodifiableSet(new TreeSet<>(learners));
        if (!Collections.disjoint(voters, learners)) {
            throw new IllegalArgumentException("a server votes or learns: voters=" + voters + ", learners=" + learners);
        }
    }

    public static Membership ofVoters(Integer... ids) {
        return new Membership(Set.of(ids), Set.of());
    }

    public boolean isVoter(int id) {
        return voters.contains(id);
    }

    public boolean contains(int id) {
        return voters.contains(id) || learners.contains(id);
    }

    Membership withLearner(int id) {
        Set<Integer> more = new TreeSet<>(learners);
        more.add(id);
        return new Membership(voters, more);
    }

    Membership withVoter(int id) {
        Set<Integer> more = new TreeSet<>(voters);
        more.add(id);
        return new Membership(more, without(learners, id));
    }

    Membership without(int id) {
        return new Membership(without(voters, id), without(learners, id));
    }

    private static Set<Integer> without(Set<Integer> all, int id) {
        Set<Integer> rest = new TreeSet<>(all);
        rest.remove(id);
        return rest;
    }

    boolean hasMajority(IntPredicate agrees) {
        int agreeing = 0;
        for (int voter : voters) {
            agreeing += agrees.test(voter) ? 1 : 0;
        }
        return agreeing >= majority();
    }

    /** The highest that a majority has reached; there must be a voter. */
    long reachedByMajority(IntToLongFunction reached) {
        long[] ascending =
                voters.stream().mapToLong(reached::applyAsLong).sorted().toArray();
        return ascending[ascending.length - majority()];
    }

    private int majority() {
        return voters.size() / 2 + 1;
    }
}
