package io.tidemill.replication.controller;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/**
 * Which brokers are to keep new partitions of a topic, and which of them is to lead each.
 *
 * <p>First the replicas: each goes to a rack that has none of that partition yet, there to the broker that has the fewest of the
 * topic, then of all; a broker without a rack is one of its own. Then the leaders, from what is there: again who leads the fewest, and
 * as long as one leads two more than another could, leadership is handed on along partitions that they share, from one broker to the
 * next. Where all brokers have about as many replicas, a distribution of leaders exists that differs by one at most, and this finds
 * it. Ties are broken by chance.
 */
final class Placement {
    /** A broker that may get partitions. */
    private static final class Candidate {
        final int brokerId;
        final Rack rack;
        int replicas;
        int replicasOfAll;
        /** Those that there were before. */
        int leadersBefore;

        int leadersOfAll;
        int chance;
        final List<Draft> led = new ArrayList<>();

        Candidate(int brokerId, Rack rack) {
            this.brokerId = brokerId;
            this.rack = rack;
        }

        int leaders() {
            return leadersBefore + led.size();
        }
    }

    private static final class Rack {
        int brokers;
        int replicas;
        int replicasOfPartition;

        double load() {
            return (double) replicas / brokers;
        }
    }

    /** A partition to be; the first one leads. Two with the same replicas are two, so this is no record. */
    private static final class Draft {
        final List<Candidate> replicas;

        Draft(List<Candidate> replicas) {
            this.replicas = replicas;
        }

        Candidate leader() {
            return replicas.get(0);
        }

        void ledBy(Candidate candidate) {
            Collections.swap(replicas, 0, replicas.indexOf(candidate));
            candidate.led.add(this);
        }
    }

    private static final Comparator<Candidate> BY_REPLICAS = Comparator.comparingInt(
                    (Candidate candidate) -> candidate.rack.replicasOfPartition)
            .thenComparingDouble(candidate -> candidate.rack.load())
            .thenComparingInt(candidate -> candidate.replicas)
            .thenComparingInt(candidate -> candidate.replicasOfAll)
            .thenComparingInt(candidate -> candidate.chance);

    private static final Comparator<Candidate> BY_LEADERS = Comparator.comparingInt(Candidate::leaders)
            .thenComparingInt(candidate -> candidate.leadersOfAll)
            .thenComparingInt(candidate -> candidate.chance);

    private final RandomGenerator random;

    Placement(RandomGenerator random) {
        this.random = random;
    }

    /**
     * @param live whom to choose from, at least as many as replicas
     * @param ofTopic what the topic has already
     * @param ofAll what all topics have
     * @return the replicas of each partition; the first is to lead
     */
    List<List<Integer>> place(
            int partitions,
            int replicas,
            List<BrokerRegistration> live,
            List<PartitionState> ofTopic,
            List<PartitionState> ofAll) {
        Map<Integer, Candidate> candidates = candidates(live);
        count(candidates, ofTopic, ofAll);
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            drafts.add(draft(replicas, candidates));
        }
        evenOut(candidates);
        List<List<Integer>> placed = new ArrayList<>();
        for (Draft draft : drafts) {
            placed.add(
                    draft.replicas.stream().map(candidate -> candidate.brokerId).toList());
        }
        return placed;
    }

    private static Map<Integer, Candidate> candidates(List<BrokerRegistration> live) {
        Map<String, Rack> racks = new HashMap<>();
        Map<Integer, Candidate> candidates = new HashMap<>();
        for (BrokerRegistration broker : live) {
            Rack rack = broker.incarnation().rack().equals(BrokerIncarnation.NO_RACK)
                    ? new Rack()
                    : racks.computeIfAbsent(broker.incarnation().rack(), name -> new Rack());
            rack.brokers++;
            candidates.put(broker.id(), new Candidate(broker.id(), rack));
        }
        return candidates;
    }

    private static void count(
            Map<Integer, Candidate> candidates, List<PartitionState> ofTopic, List<PartitionState> ofAll) {
        forEachReplica(candidates, ofAll, (candidate, isPreferred) -> {
            candidate.replicasOfAll++;
            candidate.leadersOfAll += isPreferred ? 1 : 0;
        });
        forEachReplica(candidates, ofTopic, (candidate, isPreferred) -> {
            candidate.replicas++;
            candidate.rack.replicas++;
            candidate.leadersBefore += isPreferred ? 1 : 0;
        });
    }

    private static void forEachReplica(
            Map<Integer, Candidate> candidates,
            List<PartitionState> partitions,
            BiConsumer<Candidate, Boolean> consumer) {
        for (PartitionState partition : partitions) {
            List<Integer> replicas = partition.assignment().target();
            for (int i = 0; i < replicas.size(); i++) {
                Candidate candidate = candidates.get(replicas.get(i));
                if (candidate != null) {
                    consumer.accept(candidate, i == 0);
                }
            }
        }
    }

    private Draft draft(int replicas, Map<Integer, Candidate> candidates) {
        List<Candidate> left = new ArrayList<>(candidates.values());
        left.sort(Comparator.comparingInt(candidate -> candidate.brokerId));
        for (Candidate candidate : left) {
            candidate.chance = random.nextInt();
            candidate.rack.replicasOfPartition = 0;
        }
        List<Candidate> chosen = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            Candidate next = Collections.min(left, BY_REPLICAS);
            left.remove(next);
            chosen.add(next);
            next.replicas++;
            next.replicasOfAll++;
            next.rack.replicas++;
            next.rack.replicasOfPartition++;
        }
        Draft draft = new Draft(chosen);
        draft.ledBy(Collections.min(chosen, BY_LEADERS));
        draft.leader().leadersOfAll++;
        return draft;
    }

    /** Each round brings two brokers nearer to each other, so this ends. */
    private static void evenOut(Map<Integer, Candidate> candidates) {
        List<Candidate> ordered = candidates.values().stream()
                .sorted(Comparator.comparingInt(candidate -> candidate.brokerId))
                .toList();
        boolean isMoved = true;
        while (isMoved) {
            isMoved = false;
            for (Candidate candidate : ordered) {
                isMoved |= handOn(candidate);
            }
        }
    }

    /** Whether somebody leads one less now, and somebody who led at least two less leads one more. */
    private static boolean handOn(Candidate from) {
        Map<Candidate, Draft> reachedBy = new HashMap<>();
        Deque<Candidate> reached = new ArrayDeque<>(List.of(from));
        while (!reached.isEmpty()) {
            for (Draft draft : reached.remove().led) {
                for (Candidate taker : draft.replicas) {
                    if (taker == from || reachedBy.putIfAbsent(taker, draft) != null) {
                        continue;
                    }
                    if (taker.leaders() <= from.leaders() - 2) {
                        handOn(from, taker, reachedBy);
                        return true;
                    }
                    reached.add(taker);
                }
            }
        }
        return false;
    }

    private static void handOn(Candidate from, Candidate to, Map<Candidate, Draft> reachedBy) {
        Candidate taker = to;
        while (taker != from) {
            Draft draft = Objects.requireNonNull(reachedBy.get(taker));
            Candidate giver = draft.leader();
            giver.led.remove(draft);
            draft.ledBy(taker);
            taker = giver;
        }
    }
}
