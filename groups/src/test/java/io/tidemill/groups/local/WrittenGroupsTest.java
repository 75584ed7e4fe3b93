package io.tidemill.groups.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.groups.coordinator.GroupCore;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.MemberGone;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import io.tidemill.groups.coordinator.GroupTimeouts;
import io.tidemill.groups.coordinator.Member;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** G04: what a log of groups says when it was compacted, all of it or a part. */
class WrittenGroupsTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    private final WrittenGroups written = new WrittenGroups();

    private static MemberChanged member(String id, Set<TopicPartition> assigned) {
        GroupTimeouts timeouts = new GroupTimeouts(1, 1);
        return new MemberChanged(
                new Member(id, Incarnation.NONE, null, Set.of("t"), timeouts, 1, 1, assigned, assigned, Set.of()));
    }

    /** In between, two members own a partition: the record in which one gave it up is gone, as there is a newer one of that member. */
    @Test
    void isWhatTheEndOfTheLogSays() {
        written.onWritten("g", new Rebalanced(2, Map.of("t", 1), 0));
        written.onWritten("g", member("a", Set.of(T0)));
        written.onWritten("g", member("b", Set.of(T0)));
        written.onWritten("g", member("a", Set.of()));

        GroupCore core = written.group("g").core();

        assertEquals("b", core.owner(T0));
        assertEquals(2, core.epoch());
    }

    @Test
    void nothingIsLeftOfWhatWasDissolved() {
        written.onWritten("g", new Rebalanced(1, Map.of(), 0));
        written.onWritten("g", member("a", Set.of(T0)));
        written.onWritten("g", new MemberGone("a"));
        written.onWritten("g", new Dissolved());

        assertTrue(written.group("g").core().isNone());
        assertNull(written.group("g").core().owner(T0));
        assertEquals(Set.of(), written.names());
    }
}
