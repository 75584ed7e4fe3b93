package io.tidemill.groups.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicPartition;
import io.tidemill.broker.Incarnation;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.Looked;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.MemberGone;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** G04: a group's events as records. */
class GroupEventLayoutTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T2 = new TopicPartition("t", 2);
    private static final TopicPartition U1 = new TopicPartition("u", 1);

    private static final Incarnation HOME = new Incarnation(5, 6);
    private static final GroupTimeouts TIMEOUTS = new GroupTimeouts(3, 4);

    private static final List<GroupEvent> EVENTS = List.of(
            new Rebalanced(7, Map.of("t", 3, "u", 2), 11),
            new Rebalanced(1, Map.of(), 0),
            new MemberChanged(new Member(
                    "m", HOME, "i", Set.of("t", "u"), TIMEOUTS, 7, 6, Set.of(T0, U1), Set.of(T0), Set.of(T2))),
            new MemberChanged(Member.joining(new Heartbeat("é", HOME, 0, null, Set.of(), TIMEOUTS, Set.of()))),
            new MemberGone("m"),
            new Committed(T2, new CommittedOffset(new UUID(1, 2), 5, "so far", 9)),
            new Forgotten(T2),
            new Dissolved(),
            new Looked(3));

    @Test
    void comesBackAsItWas() {
        for (GroupEvent event : EVENTS) {
            byte[] key = GroupEventLayout.key("g", event);

            assertEquals(event, GroupEventLayout.event(key, GroupEventLayout.value(event)));
            assertEquals("g", GroupEventLayout.group(key));
        }
    }

    /** Whoever changes these must be able to read what was written before. */
    @Test
    void writesTheSameBytesForEver() {
        assertBytes(
                EVENTS.get(0),
                "0001 00000001 67",
                "0000 00000007 000000000000000b 00000002 00000001 74 00000003 00000001 75 00000002");
        assertBytes(
                EVENTS.get(2),
                "0002 00000001 67 00000001 6d",
                "0001 01 00000001 69 00000002 00000001 74 00000001 75 0000000000000003 0000000000000004 00000007 00000006"
                        + "00000002 00000001 74 00000001 00000000 00000001 75 00000001 00000001"
                        + "00000001 00000001 74 00000001 00000000 00000001 00000001 74 00000001 00000002"
                        + "00000005 0000000000000006");
        assertBytes(
                EVENTS.get(5),
                "0003 00000001 67 00000001 74 00000002",
                "0000 0000000000000001 0000000000000002 0000000000000005 00000006 736f20666172 0000000000000009");
        assertGone(EVENTS.get(4), "0002 00000001 67 00000001 6d");
        assertGone(EVENTS.get(6), "0003 00000001 67 00000001 74 00000002");
        assertGone(EVENTS.get(7), "0001 00000001 67");
        assertBytes(EVENTS.get(8), "0004 00000001 67 00000003", "0000");
    }

    @Test
    void readsMembersThatWereWrittenWithoutAHome() {
        byte[] key = HexFormat.of().parseHex("000200000001" + "67" + "00000001" + "6d");
        byte[] value = HexFormat.of()
                .parseHex("0000" + "00" + "00000000" + "0000000000000003" + "0000000000000004" + "00000007" + "00000006"
                        + "00000000" + "00000000" + "00000000");

        assertEquals(
                new MemberChanged(new Member(
                        "m", Incarnation.NONE, null, Set.of(), TIMEOUTS, 7, 6, Set.of(), Set.of(), Set.of())),
                GroupEventLayout.event(key, value));
    }

    private static void assertGone(GroupEvent event, String key) {
        assertNull(GroupEventLayout.value(event));
        assertEquals(key.replace(" ", ""), HexFormat.of().formatHex(GroupEventLayout.key("g", event)));
    }

    private static void assertBytes(GroupEvent event, String key, String value) {
        byte[] written = GroupEventLayout.value(event);
        assertNotNull(written);
        assertEquals(key.replace(" ", ""), HexFormat.of().formatHex(GroupEventLayout.key("g", event)));
        assertEquals(value.replace(" ", ""), HexFormat.of().formatHex(written));
    }

    @Test
    void refusesWhatItDoesNotKnowOrIsNotWhole() {
        for (GroupEvent event : EVENTS) {
            byte[] key = GroupEventLayout.key("g", event);
            byte[] value = GroupEventLayout.value(event);
            for (int length = 0; length < key.length; length++) {
                byte[] cut = Arrays.copyOf(key, length);
                assertThrows(CorruptRecordException.class, () -> GroupEventLayout.event(cut, value));
            }
            if (value != null) {
                for (int length = 0; length < value.length; length++) {
                    byte[] cut = Arrays.copyOf(value, length);
                    assertThrows(CorruptRecordException.class, () -> GroupEventLayout.event(key, cut));
                }
                byte[] newer = value.clone();
                newer[1] = 2;
                assertThrows(CorruptRecordException.class, () -> GroupEventLayout.event(key, newer));
            }
            byte[] unknown = key.clone();
            unknown[1] = 5;
            assertThrows(CorruptRecordException.class, () -> GroupEventLayout.event(unknown, value));
        }
        assertThrows(CorruptRecordException.class, () -> GroupEventLayout.group(new byte[] {0, 1, 0, 0, 0, 9}));
    }
}
