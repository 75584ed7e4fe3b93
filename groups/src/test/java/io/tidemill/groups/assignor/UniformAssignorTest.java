package io.tidemill.groups.assignor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** G03: the uniform assignor is even, and moves as little as that takes. */
class UniformAssignorTest {
    private static final int SEEDS = 2_000;

    private final Assignor assignor = Assignor.uniform();

    @Test
    void givesEverybodyTheSameOrOneMore() {
        Map<String, Set<TopicPartition>> assigned =
                assignor.assign(List.of(member("a", "t"), member("b", "t"), member("c", "t")), Map.of("t", 8));

        assertEquals(
                List.of(2, 3, 3),
                assigned.values().stream().map(Set::size).sorted().toList());
        assertComplete(assigned, Map.of("t", 8));
    }

    @Test
    void leavesWhereItIsWhatNeedNotMove() {
        GroupMember a = new GroupMember("a", Set.of("t"), partitions("t", 0, 1, 2, 3));
        GroupMember b = new GroupMember("b", Set.of("t"), Set.of());

        Map<String, Set<TopicPartition>> assigned = assignor.assign(List.of(a, b), Map.of("t", 4));

        assertEquals(partitions("t", 0, 1), assigned.get("a"));
        assertEquals(partitions("t", 2, 3), assigned.get("b"));
    }

    @Test
    void givesATopicToThoseWhoWantIt() {
        Map<String, Set<TopicPartition>> assigned =
                assignor.assign(List.of(member("a", "t"), member("b", "t", "u")), Map.of("t", 2, "u", 2));

        assertEquals(partitions("t", 0, 1), assigned.get("a"));
        assertEquals(partitions("u", 0, 1), assigned.get("b"));
    }

    @Test
    void forgetsWhatIsGoneOrNotWantedAnyMore() {
        Set<TopicPartition> before = new HashSet<>(partitions("t", 0, 7));
        before.addAll(partitions("u", 0));
        GroupMember a = new GroupMember("a", Set.of("t"), before);

        assertEquals(Map.of("a", partitions("t", 0, 1)), assignor.assign(List.of(a), Map.of("t", 2, "u", 1)));
    }

    @Test
    void givesNothingToNobody() {
        assertEquals(Map.of(), assignor.assign(List.of(), Map.of("t", 4)));
        assertEquals(Map.of("a", Set.of()), assignor.assign(List.of(member("a")), Map.of("t", 4)));
    }

    /** Where all want the same: the least that must move is what somebody has beyond the share that is meant for it. */
    @Test
    void isEvenAndMovesAsLittleAsThatTakes() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String what = "seed=" + seed;
            int count = random.nextInt(30);
            List<GroupMember> members = randomMembers(random, count);

            Map<String, Set<TopicPartition>> assigned = assignor.assign(members, Map.of("t", count));

            assertComplete(assigned, Map.of("t", count));
            int least = count / members.size();
            List<Integer> kept = new ArrayList<>();
            int moved = 0;
            for (GroupMember member : members) {
                Set<TopicPartition> now = assigned.get(member.name());
                assertTrue(now.size() == least || now.size() == least + 1, what + ", assigned=" + assigned);
                kept.add(member.partitions().size());
                moved += (int) member.partitions().stream()
                        .filter(partition -> !now.contains(partition))
                        .count();
            }
            assertEquals(leastMoves(kept, count), moved, what + ", members=" + members + ", assigned=" + assigned);
        }
    }

    private static List<GroupMember> randomMembers(SplittableRandom random, int count) {
        TreeMap<String, Set<TopicPartition>> before = new TreeMap<>();
        int members = 1 + random.nextInt(7);
        for (int i = 0; i < members; i++) {
            before.put("m" + i, new HashSet<>());
        }
        int skew = 1 + random.nextInt(members);
        for (int partition = 0; partition < count; partition++) {
            if (random.nextInt(4) > 0) {
                before.get("m" + random.nextInt(skew)).add(new TopicPartition("t", partition));
            }
        }
        return before.entrySet().stream()
                .map(entry -> new GroupMember(entry.getKey(), Set.of("t"), entry.getValue()))
                .toList();
    }

    /** The shares that are one larger go to those who have most. */
    private static int leastMoves(List<Integer> kept, int count) {
        int least = count / kept.size();
        int larger = count % kept.size();
        int moves = 0;
        List<Integer> mostFirst =
                kept.stream().sorted((left, right) -> right - left).toList();
        for (int i = 0; i < mostFirst.size(); i++) {
            moves += Math.max(0, mostFirst.get(i) - least - (i < larger ? 1 : 0));
        }
        return moves;
    }

    /** Whoever wants whatever: nobody could take one from another who has two more. */
    @Test
    void isEvenAmongThoseWhoWantTheSame() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Integer> topics =
                    Map.of("t", random.nextInt(12), "u", random.nextInt(12), "v", random.nextInt(12));
            List<GroupMember> members = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                Set<String> wanted = new HashSet<>();
                for (String topic : List.of("t", "u", "v")) {
                    if (random.nextBoolean()) {
                        wanted.add(topic);
                    }
                }
                members.add(new GroupMember("m" + i, wanted, Set.of()));
            }

            Map<String, Set<TopicPartition>> assigned = assignor.assign(members, topics);

            for (GroupMember large : members) {
                for (GroupMember small : members) {
                    boolean couldTake = assigned.get(large.name()).stream()
                            .anyMatch(partition -> small.topics().contains(partition.topic()));
                    int difference = assigned.get(large.name()).size()
                            - assigned.get(small.name()).size();
                    assertTrue(!couldTake || difference < 2, "seed=" + seed + ", assigned=" + assigned);
                }
            }
        }
    }

    private static void assertComplete(Map<String, Set<TopicPartition>> assigned, Map<String, Integer> topics) {
        Map<TopicPartition, String> owners = new HashMap<>();
        assigned.forEach((name, partitions) -> partitions.forEach(partition -> {
            String other = owners.put(partition, name);
            assertTrue(other == null, "partition=" + partition + ", members=" + other + " and " + name);
        }));
        assertEquals(topics.values().stream().mapToInt(count -> count).sum(), owners.size());
    }

    private static GroupMember member(String name, String... topics) {
        return new GroupMember(name, Set.of(topics), Set.of());
    }

    private static Set<TopicPartition> partitions(String topic, int... numbers) {
        Set<TopicPartition> partitions = new HashSet<>();
        IntStream.of(numbers).forEach(number -> partitions.add(new TopicPartition(topic, number)));
        return partitions;
    }
}
