package io.tidemill.groups.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicPartition;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.groups.sharing.DeadLetter.Reason;
import io.tidemill.groups.sharing.RecordState.Acknowledged;
import io.tidemill.groups.sharing.RecordState.Acquired;
import io.tidemill.groups.sharing.RecordState.Archived;
import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The states of shared partitions as records. */
class ShareEventLayoutTest {
    private static final UUID TOPIC_ID = new UUID(1, 2);
    private static final ShareState STATE = new ShareState(
            40,
            List.of(
                    new RecordRun(5, 6, new Available(2)),
                    new RecordRun(7, 7, new Acknowledged()),
                    new RecordRun(10, 12, new Archiving(3, Reason.REJECTED)),
                    new RecordRun(13, 13, new Archived()),
                    new RecordRun(14, 19, new Archiving(5, Reason.DELIVERY_COUNT_LIMIT))));

    private final byte[] key = ShareEventLayout.key("g", new TopicPartition("t", 2));
    private final byte[] value = ShareEventLayout.value(TOPIC_ID, STATE);

    @Test
    void comesBackAsItWas() {
        assertEquals("g", ShareEventLayout.group(key));
        assertEquals(new TopicPartition("t", 2), ShareEventLayout.partition(key));
        assertEquals(TOPIC_ID, ShareEventLayout.topicId(value));
        assertEquals(STATE, ShareEventLayout.state(value));
        assertEquals(ShareState.at(9), ShareEventLayout.state(ShareEventLayout.value(TOPIC_ID, ShareState.at(9))));
    }

    /** Whoever changes these must be able to read what was written before. */
    @Test
    void writesTheSameBytesForEver() {
        assertBytes("0001 00000001 67 00000001 74 00000002", key);
        assertBytes(
                "0000 0000000000000001 0000000000000002 0000000000000028 00000005"
                        + "0000000000000005 0000000000000006 00 00000002"
                        + "0000000000000007 0000000000000007 02"
                        + "000000000000000a 000000000000000c 03 00000003 00"
                        + "000000000000000d 000000000000000d 04"
                        + "000000000000000e 0000000000000013 03 00000005 01",
                value);
    }

    private static void assertBytes(String expected, byte[] written) {
        assertEquals(expected.replace(" ", ""), HexFormat.of().formatHex(written));
    }

    @Test
    void writesWhatIsAcquiredAsAvailable() {
        ShareState locked = new ShareState(
                9,
                List.of(
                        new RecordRun(0, 1, new Acquired(1, "a", 7)),
                        new RecordRun(2, 3, new Acquired(1, "b", 8)),
                        new RecordRun(4, 5, new Available(1)),
                        new RecordRun(6, 6, new Acquired(2, "a", 7))));

        ShareState read = ShareEventLayout.state(ShareEventLayout.value(TOPIC_ID, locked));

        assertEquals(
                new ShareState(
                        9, List.of(new RecordRun(0, 5, new Available(1)), new RecordRun(6, 6, new Available(2)))),
                read);
    }

    @Test
    void refusesWhatItDoesNotKnowOrIsNotWhole() {
        for (int length = 0; length < key.length; length++) {
            byte[] cut = Arrays.copyOf(key, length);
            assertThrows(CorruptRecordException.class, () -> ShareEventLayout.partition(cut));
        }
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertThrows(CorruptRecordException.class, () -> ShareEventLayout.state(cut));
        }
        assertThrows(CorruptRecordException.class, () -> ShareEventLayout.group(new byte[] {0, 1, 0, 0, 0, 9}));
        assertThrows(CorruptRecordException.class, () -> ShareEventLayout.topicId(new byte[] {0, 0, 1}));
        byte[] unknown = key.clone();
        unknown[1] = 2;
        assertThrows(CorruptRecordException.class, () -> ShareEventLayout.group(unknown));
        // The version, how many runs there are, the state of the first one, and where the second one begins.
        assertRefused(value.clone(), 1, 1);
        assertRefused(value.clone(), 26, 0xff);
        assertRefused(value.clone(), 46, 1);
        assertRefused(value.clone(), 58, 6);
        // The reason of the third one, and the end, which is in front of the last one.
        assertRefused(value.clone(), 89, 2);
        assertRefused(value.clone(), 25, 19);
    }

    private static void assertRefused(byte[] bytes, int index, int changed) {
        bytes[index] = (byte) changed;
        assertThrows(CorruptRecordException.class, () -> ShareEventLayout.state(bytes), "index=" + index);
    }
}
