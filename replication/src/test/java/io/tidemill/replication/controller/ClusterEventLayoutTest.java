package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicRemoval;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.BrokerShuttingDown;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterEvent.ClusterSettingsChanged;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterEvent.ProducerIdsGiven;
import io.tidemill.replication.controller.ClusterEvent.TopicEvent;
import io.tidemill.replication.controller.ClusterSnapshot.TopicState;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Decisions and snapshots as bytes, which brokers of other versions read. */
class ClusterEventLayoutTest {
    private static final UUID ID = new UUID(1, 2);
    private static final BrokerIncarnation INCARNATION = new BrokerIncarnation(ID, "a:1", "r", 10);
    private static final PartitionState STATE = new PartitionState(
            new Assignment(List.of(1, 2, 3), List.of(1), List.of(3)), List.of(2), List.of(3), 2, 2, 4, 5);
    private static final TopicRecord TOPIC =
            new TopicRecord(ID, "t", TopicSettings.partitions(1).with("retention.ms", "5"));

    private static final List<ClusterEvent> DECISION = List.of(
            new BrokerRegistered(7, 8, INCARNATION),
            new BrokerFenced(1),
            new BrokerUnfenced(2),
            new BrokerShuttingDown(3),
            new BrokerRemoved(4),
            new TopicEvent(TOPIC),
            new TopicEvent(new TopicRemoval(ID)),
            new PartitionChanged(new PartitionId(ID, 6), STATE),
            new ProducerIdsGiven(1000),
            new ClusterSettingsChanged(Map.of("b", "2", "a", "1")));

    private static final ClusterSnapshot SNAPSHOT = new ClusterSnapshot(
            9,
            1000,
            Map.of("b", "2", "a", "1"),
            List.of(new BrokerRegistration(7, 8, INCARNATION, true, 6)),
            List.of(new TopicState(TOPIC, List.of(STATE))));

    private static final String GOLDEN_ID = "00000000000000010000000000000002";
    private static final String GOLDEN_INCARNATION = GOLDEN_ID + "00000003613a31" + "0000000172" + "000000000000000a";
    private static final String GOLDEN_TOPIC = "00000036" + "0001" + "0000" + GOLDEN_ID + "00000001" + "0000000174"
            + "00000001" + "0000000c726574656e74696f6e2e6d73" + "0000000135";
    private static final String GOLDEN_STATE = "00000003" + "00000001" + "00000002" + "00000003"
            + "00000001" + "00000001" + "00000001" + "00000003" + "00000001" + "00000002" + "00000001" + "00000003"
            + "00000002" + "00000002" + "00000004" + "00000005";
    private static final String GOLDEN_SETTINGS =
            "00000002" + "0000000161" + "0000000131" + "0000000162" + "0000000132";

    private static final String GOLDEN_DECISION = "0000" + "0000000a"
            + "01" + "00000007" + "0000000000000008" + GOLDEN_INCARNATION
            + "02" + "00000001"
            + "03" + "00000002"
            + "04" + "00000003"
            + "05" + "00000004"
            + "06" + GOLDEN_TOPIC
            + "06" + "00000014" + "0002" + "0000" + GOLDEN_ID
            + "07" + GOLDEN_ID + "00000006" + GOLDEN_STATE
            + "08" + "00000000000003e8"
            + "09" + GOLDEN_SETTINGS;

    private static final String GOLDEN_SNAPSHOT = "0000" + "0000000000000009" + "00000000000003e8" + GOLDEN_SETTINGS
            + "00000001" + "00000007" + "0000000000000008" + GOLDEN_INCARNATION + "01"
            + "0000000000000006"
            + "00000001" + GOLDEN_TOPIC + "00000001" + GOLDEN_STATE;

    @Test
    void bytesOfADecisionAreTheGoldenOnes() {
        assertEquals(GOLDEN_DECISION, HexFormat.of().formatHex(ClusterEventLayout.bytes(DECISION)));
        assertEquals(DECISION, ClusterEventLayout.decision(HexFormat.of().parseHex(GOLDEN_DECISION)));
    }

    @Test
    void bytesOfASnapshotAreTheGoldenOnes() {
        assertEquals(GOLDEN_SNAPSHOT, HexFormat.of().formatHex(ClusterEventLayout.bytes(SNAPSHOT)));
        assertEquals(SNAPSHOT, ClusterEventLayout.snapshot(HexFormat.of().parseHex(GOLDEN_SNAPSHOT)));
    }

    @Test
    void aSnapshotTakesThePlaceOfAllThatHappened() {
        SteppedController controller = new SteppedController(0, 1, 2);
        controller.create(2, 2);
        controller.silence(0);
        ClusterSnapshot snapshot = controller.core.snapshot();

        ClusterCore restored = new ClusterCore(
                Map.of(), ClusterEventLayout.snapshot(ClusterEventLayout.bytes(snapshot)), new Random(1));

        assertEquals(snapshot, restored.snapshot());
        assertEquals(controller.core.metadataEpoch(), restored.metadataEpoch());
    }

    @Test
    void aSnapshotTakesThePlaceOfWhatWasKnown() {
        SteppedController controller = new SteppedController(0, 1, 2);
        controller.create(2, 2);
        SteppedController behind = new SteppedController(7);
        behind.create(1, 1);

        behind.core.restore(controller.core.snapshot());

        assertEquals(controller.core.snapshot(), behind.core.snapshot());
        behind.core.restore(controller.core.snapshot());
        assertEquals(controller.core.snapshot(), behind.core.snapshot());
    }

    @Test
    void refusesWhatIsNotWholeOrNotKnown() {
        byte[] decision = ClusterEventLayout.bytes(DECISION);
        byte[] snapshot = ClusterEventLayout.bytes(SNAPSHOT);
        for (int length = 0; length < decision.length; length++) {
            byte[] cut = Arrays.copyOf(decision, length);
            assertThrows(CorruptRecordException.class, () -> ClusterEventLayout.decision(cut));
        }
        for (int length = 0; length < snapshot.length; length++) {
            byte[] cut = Arrays.copyOf(snapshot, length);
            assertThrows(CorruptRecordException.class, () -> ClusterEventLayout.snapshot(cut));
        }
        byte[] longer = Arrays.copyOf(decision, decision.length + 1);
        assertThrows(CorruptRecordException.class, () -> ClusterEventLayout.decision(longer));
        for (String unknown : List.of("000100000000", "0000000000010a", "000000000001ff", "0000ffffffff")) {
            byte[] bytes = HexFormat.of().parseHex(unknown);
            assertThrows(CorruptRecordException.class, () -> ClusterEventLayout.decision(bytes), unknown);
        }
    }

    /** Whatever counts and lengths say, nothing is allocated that is not there. */
    @Test
    void allocatesNoMoreThanThereIs() {
        Random random = new Random(5);
        byte[] decision = ClusterEventLayout.bytes(DECISION);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = decision.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            decodeOrRefuse(bytes);
        }
    }

    private static void decodeOrRefuse(byte[] bytes) {
        List<ClusterEvent> decision;
        try {
            decision = ClusterEventLayout.decision(bytes);
        } catch (CorruptRecordException e) {
            return;
        }
        assertEquals(decision, ClusterEventLayout.decision(ClusterEventLayout.bytes(decision)));
    }

    @Test
    void settingsAreInOneOrder() {
        ClusterEvent one = new ClusterSettingsChanged(Map.of("x", "1", "y", "2", "z", "3"));
        ClusterEvent other = new ClusterSettingsChanged(Map.of("z", "3", "y", "2", "x", "1"));

        assertArrayEquals(ClusterEventLayout.bytes(List.of(one)), ClusterEventLayout.bytes(List.of(other)));
    }
}
