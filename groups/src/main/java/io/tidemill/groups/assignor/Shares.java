package io.tidemill.groups.assignor;

import io.tidemill.TopicPartition;
import io.tidemill.groups.GroupMember;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What each member has while it is being decided. Where several choices are as good, names and numbers decide. */
final class Shares {
    private static final Comparator<Share> SMALLEST_FIRST =
            Comparator.comparingInt(Share::size).thenComparing(Share::name);

    private final TreeMap<String, Integer> partitions;
    private final List<Share> shares = new ArrayList<>();
    private final Map<String, List<Share>> readers = new HashMap<>();
    private final Set<TopicPartition> taken = new HashSet<>();

    /** Of one member: its partitions by topic. */
    private record Share(GroupMember member, TreeMap<String, TreeSet<Integer>> partitions) {
        String name() {
            return member.name();
        }

        int size() {
            int sum = 0;
            for (TreeSet<Integer> ofTopic : partitions.values()) {
                sum += ofTopic.size();
            }
            return sum;
        }

        void add(String topic, int partition) {
            partitions.computeIfAbsent(topic, key -> new TreeSet<>()).add(partition);
        }

        int takeLast(String topic) {
            TreeSet<Integer> numbers = Objects.requireNonNull(partitions.get(topic));
            int last = numbers.last();
            numbers.remove(last);
            if (numbers.isEmpty()) {
                partitions.remove(topic);
            }
            return last;
        }

        Set<TopicPartition> all() {
            Set<TopicPartition> all = new HashSet<>();
            partitions.forEach(
                    (topic, numbers) -> numbers.forEach(number -> all.add(new TopicPartition(topic, number))));
            return all;
        }
    }

    Shares(List<GroupMember> members, Map<String, Integer> partitions) {
        this.partitions = new TreeMap<>(partitions);
        for (GroupMember member : members) {
            Share share = new Share(member, new TreeMap<>());
            shares.add(share);
            for (String topic : member.topics()) {
                readers.computeIfAbsent(topic, key -> new ArrayList<>()).add(share);
            }
        }
    }

    void keepWhatCanStay() {
        for (Share share : shares) {
            for (TopicPartition partition : share.member().partitions()) {
                boolean exists = partition.partition() < partitions.getOrDefault(partition.topic(), 0);
                if (exists && share.member().topics().contains(partition.topic()) && taken.add(partition)) {
                    share.add(partition.topic(), partition.partition());
                }
            }
        }
    }

    /** Each one to who has least. */
    void giveWhatIsFree() {
        partitions.forEach((topic, count) -> {
            for (int partition = 0; partition < count; partition++) {
                Share smallest = smallestReader(topic);
                if (smallest != null && taken.add(new TopicPartition(topic, partition))) {
                    smallest.add(topic, partition);
                }
            }
        });
    }

    /**
     * Moves one at a time from who has most to who has least, as long as that brings the two closer. Nobody who gets one gives
     * one, so where all want the same topics no decision moves fewer.
     */
    void level() {
        boolean isMoved = true;
        while (isMoved) {
            isMoved = false;
            List<Share> largestFirst = new ArrayList<>(shares);
            largestFirst.sort(SMALLEST_FIRST.reversed());
            for (int i = 0; i < largestFirst.size() && !isMoved; i++) {
                isMoved = relieve(largestFirst.get(i));
            }
        }
    }

    private boolean relieve(Share large) {
        Share smallest = null;
        String movedTopic = "";
        for (String topic : large.partitions().keySet()) {
            Share reader = smallestReader(topic);
            if (reader != null && (smallest == null || SMALLEST_FIRST.compare(reader, smallest) < 0)) {
                smallest = reader;
                movedTopic = topic;
            }
        }
        if (smallest == null || large.size() - smallest.size() < 2) {
            return false;
        }
        smallest.add(movedTopic, large.takeLast(movedTopic));
        return true;
    }

    private @Nullable Share smallestReader(String topic) {
        Share smallest = null;
        for (Share reader : readers.getOrDefault(topic, List.of())) {
            if (smallest == null || SMALLEST_FIRST.compare(reader, smallest) < 0) {
                smallest = reader;
            }
        }
        return smallest;
    }

    Map<String, Set<TopicPartition>> byName() {
        Map<String, Set<TopicPartition>> byName = new HashMap<>();
        shares.forEach(share -> byName.put(share.name(), share.all()));
        return byName;
    }
}
