package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.RecordMetadata;
import io.tidemill.TopicPartition;
import io.tidemill.errors.NotEnoughReplicasException;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What clients of a cluster have seen, and whether that can be: each partition is one sequence of records, whoever reads it wherever
 * and whenever (L01); what was acknowledged is in it, at the place that was told (P08), which is the expected one where there was
 * one (P10), and what was refused is not; nothing is in it twice, and what one client has sent is in it in that order (E01, B04); no
 * leader epoch has two leaders (K03).
 */
final class ClusterHistory {
    private static final long ANY_OFFSET = -1;
    private static final Pattern TOLD_END = Pattern.compile("endOffset=(\\d+)");

    /**
     * What a client has sent, each "client:partition:number".
     *
     * @param acks who is to have it before it is acknowledged
     * @param expectedOffset what the first should get, or {@link #ANY_OFFSET}
     * @param readEnd how far its broker had read then
     */
    private record Sent(
            int brokerId,
            List<String> values,
            Acks acks,
            long expectedOffset,
            long readEnd,
            CompletableFuture<RecordMetadata> answer) {}

    private final List<List<String>> partitions = new ArrayList<>();
    private final Set<String> values = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final Map<String, Long> lastNumbers = new HashMap<>();
    private final Map<String, Long> nextNumbers = new HashMap<>();
    private final Map<String, Long> acknowledged = new HashMap<>();
    private final List<Sent> open = new ArrayList<>();
    private final Map<TopicPartition, Map<Integer, Integer>> leaders = new HashMap<>();
    private long hash;
    private int acknowledgedByLeader;
    private int failed;
    private int mismatches;

    ClusterHistory(int partitionCount) {
        for (int i = 0; i < partitionCount; i++) {
            partitions.add(new ArrayList<>());
        }
    }

    String newValue(String client, int partition) {
        String sender = client + ":" + partition;
        return sender + ":" + nextNumbers.merge(sender, 1L, Long::sum);
    }

    void onSent(int brokerId, String value, Acks acks, CompletableFuture<RecordMetadata> answer) {
        open.add(new Sent(brokerId, List.of(value), acks, ANY_OFFSET, 0, answer));
    }

    void onConditionallySent(
            int brokerId,
            List<String> sent,
            long expectedOffset,
            long readEnd,
            CompletableFuture<RecordMetadata> answer) {
        open.add(new Sent(brokerId, sent, Acks.ALL, expectedOffset, readEnd, answer));
    }

    /** What its clients have sent, nobody will answer. */
    void onCrash(int brokerId) {
        open.removeIf(sent -> sent.brokerId() == brokerId && !sent.answer().isDone());
    }

    void onRead(int brokerId, int partition, long offset, String value) {
        List<String> records = partitions.get(partition);
        if (offset < records.size()) {
            require(
                    records.get((int) offset).equals(value),
                    () -> "broker " + brokerId + " reads another record: partition=" + partition + ", offset=" + offset
                            + ", value=" + value + ", before=" + records.get((int) offset));
            return;
        }
        require(
                offset == records.size(),
                () -> "broker " + brokerId + " reads behind a gap: partition=" + partition + ", offset=" + offset
                        + ", expected=" + records.size());
        require(
                values.add(value),
                () -> "a record is there twice: partition=" + partition + ", offset=" + offset + ", value=" + value
                        + ", first=" + records.indexOf(value));
        require(
                !refused.contains(value),
                () -> "a record is there that was refused: partition=" + partition + ", offset=" + offset + ", value="
                        + value);
        records.add(value);
        hash = hash * 31 + Objects.hash(partition, offset, value);
        int colon = value.lastIndexOf(':');
        long number = Long.parseLong(value.substring(colon + 1));
        Long last = lastNumbers.put(value.substring(0, colon), number);
        require(
                last == null || last < number,
                () -> "records overtook each other: partition=" + partition + ", offset=" + offset + ", value=" + value
                        + ", behind=" + last);
    }

    void onDescribed(ClusterDescription known) {
        for (PartitionReplicas partition : known.partitions()) {
            if (partition.leader() != ClusterDescription.NOBODY) {
                Integer before = leaders.computeIfAbsent(partition.partition(), id -> new HashMap<>())
                        .putIfAbsent(partition.leaderEpoch(), partition.leader());
                require(
                        before == null || before == partition.leader(),
                        () -> "two leaders in one epoch: " + partition + ", before=" + before);
            }
        }
    }

    /** Takes in what was answered meanwhile. */
    void check() {
        for (Iterator<Sent> all = open.iterator(); all.hasNext(); ) {
            Sent sent = all.next();
            if (sent.answer().isDone()) {
                all.remove();
                onAnswered(sent);
            }
        }
    }

    private void onAnswered(Sent sent) {
        try {
            onAnswered(sent, sent.answer().join());
        } catch (CompletionException e) {
            failed++;
            onFailed(sent, Objects.requireNonNull(e.getCause()));
        }
    }

    private void onAnswered(Sent sent, RecordMetadata place) {
        switch (sent.acks()) {
            case NONE ->
                require(place.offset() == RecordMetadata.NO_OFFSET, () -> "nobody waited, and was told: " + place);
            case LEADER -> {
                // It may be gone with its leader, or elsewhere: one that led before may have it, too, and lead again.
                acknowledgedByLeader++;
            }
            case ALL -> {
                long expected = sent.expectedOffset();
                require(
                        expected == ANY_OFFSET || expected == place.offset(),
                        () -> "appended where it was not expected: " + sent + ", offset=" + place.offset());
                for (int i = 0; i < sent.values().size(); i++) {
                    onAcknowledged(sent.values().get(i), place.partition(), place.offset() + i);
                }
            }
        }
    }

    private void onFailed(Sent sent, Throwable failure) {
        if (failure instanceof UnansweredException) {
            return;
        }
        if (failure instanceof OffsetMismatchException) {
            mismatches++;
            Matcher told = TOLD_END.matcher(Objects.requireNonNull(failure.getMessage()));
            long endOffset = told.find() ? Long.parseLong(told.group(1)) : ANY_OFFSET;
            require(
                    endOffset >= sent.readEnd() && endOffset != sent.expectedOffset(),
                    () -> "refused though the partition ended there, or before what was read: " + sent + ", failure="
                            + failure);
        } else {
            require(
                    failure instanceof NotEnoughReplicasException,
                    () -> "failed for another reason: " + sent + ", failure=" + failure);
        }
        for (String value : sent.values()) {
            refused.add(value);
            require(!values.contains(value), () -> "refused, and there: " + sent + ", failure=" + failure);
        }
    }

    void onAcknowledged(String value, int partition, long offset) {
        Long before = acknowledged.put(value, offset);
        require(
                before == null || before == offset,
                () -> "a record was acknowledged twice: value=" + value + ", offset=" + offset + ", before=" + before);
        if (offset < partitions.get(partition).size()) {
            requireAt(value, partition, offset);
        }
    }

    private void requireAt(String value, int partition, long offset) {
        List<String> records = partitions.get(partition);
        String there = offset < records.size() ? records.get((int) offset) : "nothing";
        require(
                there.equals(value),
                () -> "an acknowledged record is lost: partition=" + partition + ", offset=" + offset + ", value="
                        + value + ", there=" + there + ", elsewhere=" + records.indexOf(value));
    }

    /** A broker has read everything, and all that was acknowledged is there. */
    void requireAllRead(int brokerId, Map<Integer, Long> positions) {
        for (int i = 0; i < partitions.size(); i++) {
            require(
                    Objects.equals(positions.get(i), (long) partitions.get(i).size()),
                    () -> "broker " + brokerId + " has not everything: positions=" + positions + ", records="
                            + sizes());
        }
        acknowledged.forEach((value, offset) -> requireAt(value, Integer.parseInt(value.split(":")[1]), offset));
    }

    /** How many records of each partition were read. */
    List<Integer> sizes() {
        return partitions.stream().map(List::size).toList();
    }

    /** Whether somebody who is at these positions has everything that anybody has read. */
    boolean isAllRead(Map<Integer, Long> positions) {
        for (int i = 0; i < partitions.size(); i++) {
            if (!Objects.equals(positions.get(i), (long) partitions.get(i).size())) {
                return false;
            }
        }
        return true;
    }

    boolean isAnyOpen() {
        return !open.isEmpty();
    }

    int open() {
        return open.size();
    }

    int acknowledged() {
        return acknowledged.size();
    }

    int acknowledgedByLeader() {
        return acknowledgedByLeader;
    }

    int failed() {
        return failed;
    }

    /** How often a partition ended elsewhere. */
    int mismatches() {
        return mismatches;
    }

    boolean isAcknowledged(String value) {
        return acknowledged.containsKey(value);
    }

    int leaderEpochs() {
        return leaders.values().stream().mapToInt(Map::size).sum();
    }

    /** Of everything that was read, in order. */
    long hash() {
        return hash;
    }

    private static void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }
}
