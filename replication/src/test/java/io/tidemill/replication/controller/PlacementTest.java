package io.tidemill.replication.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Replicas and leaders of a topic are spread over brokers, and over racks. */
class PlacementTest {
    private static final int SEEDS = 500;

    @Test
    void countsOfReplicasAndLeadersDifferByOneAtMost() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int brokers = 1 + random.nextInt(9);
            int replicas = 1 + random.nextInt(brokers);

            List<PartitionState> placed =
                    place(random, 1 + random.nextInt(40), replicas, brokers(brokers, 0), List.of(), List.of());

            assertSpread(1, replicaCounts(placed, brokers), "replicas, seed=" + seed);
            assertSpread(1, leaderCounts(placed, brokers), "leaders, seed=" + seed);
            for (PartitionState partition : placed) {
                assertEquals(replicas, new HashSet<>(partition.replicas()).size(), "seed=" + seed);
            }
        }
    }

    @Test
    void aTopicThatGrowsStaysSpread() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int brokers = 2 + random.nextInt(6);
            int replicas = 1 + random.nextInt(brokers);
            List<PartitionState> placed = new ArrayList<>();

            for (int i = 0; i < 4; i++) {
                placed.addAll(place(random, 1 + random.nextInt(5), replicas, brokers(brokers, 0), placed, placed));
            }

            assertSpread(1, replicaCounts(placed, brokers), "replicas, seed=" + seed);
            assertSpread(2, leaderCounts(placed, brokers), "leaders, seed=" + seed);
        }
    }

    @Test
    void topicsAreSpreadTogether() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int brokers = 2 + random.nextInt(6);
            List<PartitionState> all = new ArrayList<>();

            for (int i = 0; i < 8; i++) {
                int replicas = 1 + random.nextInt(brokers);
                all.addAll(place(random, 1 + random.nextInt(5), replicas, brokers(brokers, 0), List.of(), all));
            }

            assertSpread(1, replicaCounts(all, brokers), "replicas, seed=" + seed);
            assertSpread(3, leaderCounts(all, brokers), "leaders, seed=" + seed);
        }
    }

    @Test
    void replicasOfAPartitionAreInDifferentRacks() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int racks = 1 + random.nextInt(4);
            int brokers = racks * (1 + random.nextInt(3));
            int replicas = 1 + random.nextInt(brokers);

            List<PartitionState> placed =
                    place(random, 1 + random.nextInt(20), replicas, brokers(brokers, racks), List.of(), List.of());

            for (PartitionState partition : placed) {
                int[] ofRack = new int[racks];
                partition.replicas().forEach(id -> ofRack[id % racks]++);
                assertSpread(1, ofRack, "racks of a partition, seed=" + seed);
            }
            assertSpread(1, replicaCounts(placed, brokers), "replicas, seed=" + seed);
            assertSpread(1, leaderCounts(placed, brokers), "leaders, seed=" + seed);
        }
    }

    @Test
    void chanceAloneDecidesBetweenEquals() {
        assertEquals(
                place(new Random(3), 9, 2, brokers(5, 0), List.of(), List.of()),
                place(new Random(3), 9, 2, brokers(5, 0), List.of(), List.of()));
        assertNotEquals(
                place(new Random(3), 9, 2, brokers(5, 0), List.of(), List.of()),
                place(new Random(4), 9, 2, brokers(5, 0), List.of(), List.of()));
    }

    private static List<PartitionState> place(
            Random random,
            int partitions,
            int replicas,
            List<BrokerRegistration> brokers,
            List<PartitionState> ofTopic,
            List<PartitionState> ofAll) {
        return new Placement(random)
                .place(partitions, replicas, brokers, List.copyOf(ofTopic), List.copyOf(ofAll)).stream()
                        .map(PartitionState::created)
                        .toList();
    }

    /** @param racks 0 for none */
    private static List<BrokerRegistration> brokers(int count, int racks) {
        return IntStream.range(0, count)
                .mapToObj(id ->
                        new BrokerRegistration(id, id, incarnation(id, racks), false, BrokerRegistration.NOT_STOPPING))
                .toList();
    }

    private static BrokerIncarnation incarnation(int id, int racks) {
        String rack = racks == 0 ? BrokerIncarnation.NO_RACK : "rack" + id % racks;
        return new BrokerIncarnation(new UUID(0, id), "host", rack, 0);
    }

    private static int[] replicaCounts(List<PartitionState> placed, int brokers) {
        int[] counts = new int[brokers];
        placed.forEach(partition -> partition.replicas().forEach(id -> counts[id]++));
        return counts;
    }

    private static int[] leaderCounts(List<PartitionState> placed, int brokers) {
        int[] counts = new int[brokers];
        placed.forEach(partition -> counts[partition.leader()]++);
        return counts;
    }

    private static void assertSpread(int max, int[] counts, String message) {
        int spread = IntStream.of(counts).max().orElseThrow()
                - IntStream.of(counts).min().orElseThrow();
        assertTrue(
                spread <= max,
                () -> message + ": " + List.of(IntStream.of(counts).boxed().toArray()));
    }
}
