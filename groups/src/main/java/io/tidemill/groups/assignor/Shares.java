package io.tidemill.groups.assignor;

import io.tidemill.TopicPartition;
import io.tidemill.groups.GroupMember;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What each member has while it is being decided. Where several choices are as good, names and numbers decide. */
final class Shares {
    private static final Comparator<Share> SMALLEST_FIRST =
            Comparator.comparingInt(Share::size).thenComparing(Share::name);
    private static final Comparator<TopicPartition> IN_ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    /** Where a move brings two closer. */
    private static final int SMALLEST_GAP = 2;

    private final TreeMap<String, Integer> partitions;
    private final List<Share> shares = new ArrayList<>();
    private final Map<String, List<Share>> readers = new HashMap<>();
    private final Set<TopicPartition> taken = new HashSet<>();

    /** Of one member. What orders it is its size, so that changes only while it is in no queue and no tree. */
    private static final class Share {
        private final GroupMember member;
        private final Set<TopicPartition> partitions = new HashSet<>();

        Share(GroupMember member) {
            this.member = member;
        }

        String name() {
            return member.name();
        }

        int size() {
            return partitions.size();
        }

        /** In order. */
        ArrayDeque<TopicPartition> of(Set<String> topics) {
            List<TopicPartition> some = new ArrayList<>(partitions);
            some.removeIf(partition -> !topics.contains(partition.topic()));
            some.sort(IN_ORDER);
            return new ArrayDeque<>(some);
        }
    }

    Shares(List<GroupMember> members, Map<String, Integer> partitions) {
        this.partitions = new TreeMap<>(partitions);
        for (GroupMember member : members) {
            Share share = new Share(member);
            shares.add(share);
            for (String topic : member.topics()) {
                readers.computeIfAbsent(topic, key -> new ArrayList<>()).add(share);
            }
        }
    }

    void keepWhatCanStay() {
        for (Share share : shares) {
            for (TopicPartition partition : share.member.partitions()) {
                boolean exists = partition.partition() < partitions.getOrDefault(partition.topic(), 0);
                if (exists && share.member.topics().contains(partition.topic()) && taken.add(partition)) {
                    share.partitions.add(partition);
                }
            }
        }
    }

    /** Each one to who has least. */
    void giveWhatIsFree() {
        partitions.forEach((topic, count) -> {
            PriorityQueue<Share> smallestFirst = new PriorityQueue<>(SMALLEST_FIRST);
            smallestFirst.addAll(readers.getOrDefault(topic, List.of()));
            for (int number = 0; number < count && !smallestFirst.isEmpty(); number++) {
                TopicPartition partition = new TopicPartition(topic, number);
                if (taken.add(partition)) {
                    Share smallest = smallestFirst.remove();
                    smallest.partitions.add(partition);
                    smallestFirst.add(smallest);
                }
            }
        });
    }

    /**
     * Moves one at a time from who has most to who has least, as long as that brings the two closer: among those who want the
     * same topics, and then again, because what was level for some topics may not be so any more once others are. Wide gaps
     * are closed first, otherwise more would move than need. Each move makes the sum of the squares of all sizes smaller, so
     * there is an end.
     */
    void level() {
        Map<List<Share>, Set<String>> topicsByReaders = new LinkedHashMap<>();
        for (String topic : partitions.keySet()) {
            List<Share> wanting = readers.getOrDefault(topic, List.of());
            if (!wanting.isEmpty()) {
                topicsByReaders.computeIfAbsent(wanting, key -> new HashSet<>()).add(topic);
            }
        }
        int largest = shares.stream().mapToInt(Share::size).max().orElse(0);
        for (int gap = Integer.highestOneBit(largest); gap >= SMALLEST_GAP; gap /= 2) {
            boolean isMoved = true;
            while (isMoved) {
                isMoved = false;
                for (Map.Entry<List<Share>, Set<String>> entry : topicsByReaders.entrySet()) {
                    isMoved |= level(entry.getKey(), entry.getValue(), gap);
                }
            }
        }
    }

    /** Nobody who gets one gives one, so where all want the same topics no decision moves fewer. */
    private static boolean level(List<Share> readers, Set<String> topics, int gap) {
        TreeSet<Share> unlevel = new TreeSet<>(SMALLEST_FIRST);
        unlevel.addAll(readers);
        Map<Share, ArrayDeque<TopicPartition>> givableOf = new HashMap<>();
        boolean isMoved = false;
        while (unlevel.last().size() - unlevel.first().size() >= gap) {
            Share largest = unlevel.last();
            unlevel.remove(largest);
            ArrayDeque<TopicPartition> givable = givableOf.computeIfAbsent(largest, share -> share.of(topics));
            // Who has none to give is to get none either: nobody else has more.
            if (!givable.isEmpty()) {
                Share smallest = unlevel.first();
                unlevel.remove(smallest);
                TopicPartition moved = givable.removeLast();
                largest.partitions.remove(moved);
                smallest.partitions.add(moved);
                unlevel.add(largest);
                unlevel.add(smallest);
                isMoved = true;
            }
        }
        return isMoved;
    }

    Map<String, Set<TopicPartition>> byName() {
        Map<String, Set<TopicPartition>> byName = new HashMap<>();
        shares.forEach(share -> byName.put(share.name(), share.partitions));
        return byName;
    }
}
