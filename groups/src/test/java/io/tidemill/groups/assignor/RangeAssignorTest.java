package io.tidemill.groups.assignor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** G03: neighbours of each topic to each member. */
class RangeAssignorTest {
    private final Assignor assignor = Assignor.range();

    @Test
    void givesNeighboursAndOneMoreToTheFirst() {
        Map<String, Set<TopicPartition>> assigned =
                assignor.assign(List.of(member("a", "t", "u"), member("b", "t", "u")), Map.of("t", 3, "u", 3));

        assertEquals(Set.of(at("t", 0), at("t", 1), at("u", 0), at("u", 1)), assigned.get("a"));
        assertEquals(Set.of(at("t", 2), at("u", 2)), assigned.get("b"));
    }

    @Test
    void countsOnlyThoseWhoWantTheTopic() {
        Map<String, Set<TopicPartition>> assigned =
                assignor.assign(List.of(member("a", "t"), member("b", "u"), member("c")), Map.of("t", 1, "u", 2));

        assertEquals(Map.of("a", Set.of(at("t", 0)), "b", Set.of(at("u", 0), at("u", 1))), assigned);
    }

    private static GroupMember member(String name, String... topics) {
        return new GroupMember(name, Set.of(topics), Set.of());
    }

    private static TopicPartition at(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }
}
