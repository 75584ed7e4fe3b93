package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicPartition;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.InvalidReplicationFactorException;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.replication.controller.ClusterAnswer.Created;
import io.tidemill.replication.controller.ClusterAnswer.Done;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.Heard;
import io.tidemill.replication.controller.ClusterAnswer.ProducerIds;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterAnswer.Registered;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.AlterSettings;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CancelReassignment;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import io.tidemill.replication.controller.ClusterRequest.ElectPreferred;
import io.tidemill.replication.controller.ClusterRequest.GiveProducerIds;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.ClusterRequest.InSync;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.ClusterRequest.Reassign;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.ClusterRequest.RemoveBroker;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Requests and answers as bytes, which brokers of other versions read. */
class ControllerMessageLayoutTest {
    private static final UUID ID = new UUID(1, 2);
    private static final PartitionId PARTITION_ID = new PartitionId(ID, 3);
    private static final TopicPartition PARTITION = new TopicPartition("t", 4);
    private static final String GOLDEN_ID = "00000000000000010000000000000002";

    private static Map<ClusterRequest, String> requests() {
        Map<ClusterRequest, String> golden = new LinkedHashMap<>();
        golden.put(
                new Register(5, new BrokerIncarnation(ID, "a:1", "r", 10), true),
                "0001" + "00000005" + GOLDEN_ID + "00000003613a31" + "0000000172" + "000000000000000a" + "01");
        golden.put(new Heartbeat(5, 6, 7, true), "0002" + "00000005" + "0000000000000006" + "0000000000000007" + "01");
        golden.put(
                new CreateTopic(new UUID(1, 2), "t", 2, Map.of("b", "2", "a", "1")),
                "0003" + "00000000000000010000000000000002" + "0000000174" + "00000002" + "00000002" + "0000000161"
                        + "0000000131" + "0000000162" + "0000000132");
        golden.put(
                new AlterTopic("t", -1, Map.of("a", "1"), Set.of("c", "b")),
                "0004" + "0000000174" + "ffffffff" + "00000001" + "0000000161" + "0000000131" + "00000002"
                        + "0000000162" + "0000000163");
        golden.put(new DeleteTopic("t"), "0005" + "0000000174");
        golden.put(
                new AlterPartitions(5, 6, List.of(new IsrChange(PARTITION_ID, 7, 8, List.of(new InSync(9, 10))))),
                "0006" + "00000005" + "0000000000000006" + "00000001"
                        + GOLDEN_ID + "00000003" + "00000007" + "00000008"
                        + "00000001" + "00000009" + "000000000000000a");
        golden.put(new GiveProducerIds(5, 6), "0007" + "00000005" + "0000000000000006");
        golden.put(
                new Reassign(PARTITION, List.of(1, 2)),
                "0008" + "0000000174" + "00000004" + "00000002" + "00000001" + "00000002");
        golden.put(new CancelReassignment(PARTITION), "0009" + "0000000174" + "00000004");
        golden.put(new ElectPreferred(List.of(PARTITION)), "000a" + "00000001" + "0000000174" + "00000004");
        golden.put(new RemoveBroker(5), "000b" + "00000005");
        golden.put(
                new AlterSettings(Map.of("a", "1"), Set.of("b")),
                "000c" + "00000001" + "0000000161" + "0000000131" + "00000001" + "0000000162");
        return golden;
    }

    private static Map<ClusterAnswer, String> answers() {
        Map<ClusterAnswer, String> golden = new LinkedHashMap<>();
        golden.put(new Done(), "0040");
        golden.put(new Registered(6), "0041" + "0000000000000006");
        golden.put(new Heard(true, false), "0042" + "01" + "00");
        golden.put(new Created(ID), "0043" + GOLDEN_ID);
        golden.put(
                new DoneExcept(List.of(new RefusedPartition(PARTITION_ID, Refusal.INELIGIBLE_REPLICA))),
                "0044" + "00000001" + GOLDEN_ID + "00000003" + "0e");
        golden.put(new ProducerIds(7, 8), "0045" + "0000000000000007" + "00000008");
        golden.put(new Refused(Refusal.BROKER_ID_NOT_REGISTERED, "m"), "0046" + "00" + "000000016d");
        return golden;
    }

    @Test
    void bytesAreTheGoldenOnes() {
        requests().forEach((request, golden) -> {
            assertEquals(golden, HexFormat.of().formatHex(ControllerMessageLayout.bytes(request)));
            assertEquals(request, ControllerMessageLayout.request(HexFormat.of().parseHex(golden)));
        });
        answers().forEach((answer, golden) -> {
            assertEquals(golden, HexFormat.of().formatHex(ControllerMessageLayout.bytes(answer)));
            assertEquals(answer, ControllerMessageLayout.answer(HexFormat.of().parseHex(golden)));
        });
    }

    @Test
    void refusalsKeepTheirPlaces() {
        assertEquals(
                List.of(
                        Refusal.BROKER_ID_NOT_REGISTERED,
                        Refusal.STALE_BROKER_EPOCH,
                        Refusal.DUPLICATE_BROKER_REGISTRATION,
                        Refusal.TOPIC_ALREADY_EXISTS,
                        Refusal.UNKNOWN_TOPIC_OR_PARTITION,
                        Refusal.INVALID_TOPIC,
                        Refusal.INVALID_PARTITIONS,
                        Refusal.INVALID_REPLICATION_FACTOR,
                        Refusal.INVALID_REPLICA_ASSIGNMENT,
                        Refusal.INVALID_CONFIG,
                        Refusal.INVALID_REQUEST,
                        Refusal.NOT_CONTROLLER,
                        Refusal.FENCED_LEADER_EPOCH,
                        Refusal.INVALID_UPDATE_VERSION,
                        Refusal.INELIGIBLE_REPLICA,
                        Refusal.NO_REASSIGNMENT_IN_PROGRESS,
                        Refusal.PREFERRED_LEADER_NOT_AVAILABLE),
                List.of(Refusal.values()));
    }

    @Test
    void refusalsAreToldAsExceptionsOfTheApi() {
        assertEquals(
                InvalidReplicationFactorException.class,
                Refusal.INVALID_REPLICATION_FACTOR.exception("m").getClass());
        assertEquals(
                TopicExistsException.class,
                Refusal.TOPIC_ALREADY_EXISTS.exception("m").getClass());
        assertEquals(
                UnknownTopicOrPartitionException.class,
                Refusal.UNKNOWN_TOPIC_OR_PARTITION.exception("m").getClass());
        assertEquals(
                InvalidTopicException.class,
                Refusal.INVALID_TOPIC.exception("m").getClass());
        assertEquals(
                IllegalArgumentException.class,
                Refusal.INVALID_CONFIG.exception("m").getClass());
        assertEquals(
                IllegalStateException.class,
                Refusal.NO_REASSIGNMENT_IN_PROGRESS.exception("m").getClass());
    }

    @Test
    void refusesWhatIsNotWholeOrNotKnown() {
        requests().values().forEach(golden -> {
            byte[] bytes = HexFormat.of().parseHex(golden);
            for (int length = 0; length <= bytes.length + 1; length++) {
                byte[] other = Arrays.copyOf(bytes, length);
                if (length != bytes.length) {
                    assertThrows(CorruptRecordException.class, () -> ControllerMessageLayout.request(other), golden);
                }
            }
        });
        answers().values().forEach(golden -> {
            byte[] bytes = HexFormat.of().parseHex(golden);
            for (int length = 0; length <= bytes.length + 1; length++) {
                byte[] other = Arrays.copyOf(bytes, length);
                if (length != bytes.length) {
                    assertThrows(CorruptRecordException.class, () -> ControllerMessageLayout.answer(other), golden);
                }
            }
        });
        for (String unknown : List.of("0101" + "00000005", "000d", "0040", "000affffffff", "000a7fffffff")) {
            byte[] bytes = HexFormat.of().parseHex(unknown);
            assertThrows(CorruptRecordException.class, () -> ControllerMessageLayout.request(bytes), unknown);
        }
        for (String unknown : List.of("0140", "0001", "0046" + "11" + "00000000", "0046" + "ff" + "00000000")) {
            byte[] bytes = HexFormat.of().parseHex(unknown);
            assertThrows(CorruptRecordException.class, () -> ControllerMessageLayout.answer(bytes), unknown);
        }
    }

    /** A message that says it has two thousand million elements is refused before room is made for them. */
    @Test
    void whateverComesIsReadOrRefused() {
        Random random = new Random(5);
        for (String golden : requests().values()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = HexFormat.of().parseHex(golden);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                readOrRefuse(bytes);
            }
        }
    }

    private static void readOrRefuse(byte[] bytes) {
        ClusterRequest request;
        try {
            request = ControllerMessageLayout.request(bytes);
        } catch (CorruptRecordException e) {
            return;
        }
        assertEquals(request, ControllerMessageLayout.request(ControllerMessageLayout.bytes(request)));
    }
}
