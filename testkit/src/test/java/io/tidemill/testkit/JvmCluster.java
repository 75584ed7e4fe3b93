package io.tidemill.testkit;

import io.tidemill.TopicPartition;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterDescription.PartitionReplicas;
import io.tidemill.testkit.MemberProcess.Heard;
import io.tidemill.testkit.MemberProcess.Place;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster of which each broker is a {@link ClusterMember} in a JVM of its own. What they say is taken in by the test's thread, and
 * checked by {@link ClusterHistory}, while it waits for something here.
 */
final class JvmCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE_OF_MILLIONS = Duration.ofMinutes(4);

    /** The success that is waited for. */
    private record Watch(int partition, long sinceMs) {}

    private final Path root;
    private final String secret;
    private final Map<Integer, Place> places;
    private final int partitionCount;
    private final ClusterHistory history;
    private final Map<Integer, MemberProcess> members = new TreeMap<>();
    private final Map<Integer, Integer> lives = new HashMap<>();
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final long[] acknowledgedEnds;
    private final List<String> failures = new ArrayList<>();
    private final List<PartitionReplicas> described = new ArrayList<>();
    private final Map<Integer, String> answers = new HashMap<>();
    private Watch watch = new Watch(0, Long.MAX_VALUE);
    private long firstSuccessMs = Long.MAX_VALUE;

    JvmCluster(Path root, String secret, Map<Integer, Place> places, int partitionCount) {
        this.root = root;
        this.secret = secret;
        this.places = places;
        this.partitionCount = partitionCount;
        this.acknowledgedEnds = new long[partitionCount];
        this.history = new ClusterHistory(partitionCount);
    }

    /** On this machine, without anything in between. */
    static Map<Integer, Place> onLoopback(InetAddress loopback, int brokers) throws IOException {
        Map<Integer, InetSocketAddress> members = freePorts(loopback, brokers);
        Map<Integer, Place> places = new TreeMap<>();
        members.keySet().forEach(id -> places.put(id, new Place(List.of(), members)));
        return places;
    }

    static Map<Integer, InetSocketAddress> freePorts(InetAddress loopback, int brokers) throws IOException {
        Map<Integer, InetSocketAddress> members = new TreeMap<>();
        List<DatagramSocket> sockets = new ArrayList<>();
        for (int id = 1; id <= brokers; id++) {
            DatagramSocket socket = new DatagramSocket(0, loopback);
            sockets.add(socket);
            members.put(id, new InetSocketAddress(loopback, socket.getLocalPort()));
        }
        // Only now, or the next one might get the same.
        sockets.forEach(DatagramSocket::close);
        return members;
    }

    // ---- brokers

    /** Starts all brokers, and waits until each of them has the topic. */
    void startAll() {
        start(places.keySet());
    }

    void start(int brokerId) {
        start(List.of(brokerId));
    }

    private void start(Collection<Integer> brokerIds) {
        for (int id : brokerIds) {
            int life = lives.merge(id, 1, Integer::sum);
            members.put(id, MemberProcess.start(id, life, places.get(id), secret, root, heard));
            tell(id, "open " + partitionCount);
        }
        brokerIds.forEach(id -> awaitAnswer(id, "opened"));
    }

    void kill(int brokerId) {
        members.remove(brokerId).kill();
    }

    void killAll() {
        List.copyOf(members.keySet()).forEach(this::kill);
    }

    void halt(int brokerId) {
        members.get(brokerId).signal("STOP");
    }

    void goOn(int brokerId) {
        members.get(brokerId).signal("CONT");
    }

    /** Closes a broker as a host does that ends. */
    void leave(int brokerId) {
        members.get(brokerId).close();
        awaitAnswer(brokerId, "closed");
        members.remove(brokerId);
    }

    // ---- clients

    /** From now on the client of that broker sends records, which all have to be acknowledged while it lives. */
    void produce(int brokerId, long count, long ratePerSecond) {
        MemberProcess member = members.get(brokerId);
        member.onProducing(true);
        tell(brokerId, "produce " + member.newClient() + " " + count + " " + ratePerSecond);
        awaitAnswer(brokerId, "producing");
    }

    /** Every client sends, until it is told to stop. */
    void produceEverywhere(long ratePerSecond) {
        members.keySet().forEach(id -> produce(id, Long.MAX_VALUE, ratePerSecond));
    }

    /** Waits until all that clients were told to send is acknowledged. */
    void awaitProduced() {
        await(
                "everything is acknowledged",
                PATIENCE_OF_MILLIONS,
                () -> members.values().stream().noneMatch(MemberProcess::isProducing));
        requireNoFailure();
    }

    void stopProducing() {
        members.values().stream().filter(MemberProcess::isProducing).forEach(member -> member.tell("stop"));
        awaitProduced();
    }

    private void requireNoFailure() {
        if (!failures.isEmpty()) {
            throw new AssertionError("records failed: count=" + failures.size() + ", first=" + failures.get(0));
        }
    }

    void awaitAcknowledged(long more) {
        long count = history.acknowledged() + more;
        await("more is acknowledged", () -> history.acknowledged() >= count);
    }

    int acknowledged() {
        return history.acknowledged();
    }

    /** How long it takes from now until something is acknowledged that is sent from now on. */
    long firstSuccessMs(int partition) {
        long sinceMs = System.currentTimeMillis();
        watch = new Watch(partition, sinceMs);
        firstSuccessMs = Long.MAX_VALUE;
        await("partition " + partition + " is led again", () -> firstSuccessMs != Long.MAX_VALUE);
        return firstSuccessMs - sinceMs;
    }

    ClusterDescription describe(int brokerId) {
        described.clear();
        tell(brokerId, "describe");
        String[] words = awaitAnswer(brokerId, "described").split(" ");
        ClusterDescription known = new ClusterDescription(
                Integer.parseInt(words[1]), Long.parseLong(words[2]), List.of(), List.copyOf(described));
        history.onDescribed(known);
        return known;
    }

    int leader(int brokerId, int partition) {
        return describe(brokerId).partitions().get(partition).leader();
    }

    int live() {
        return members.keySet().iterator().next();
    }

    void awaitAllInSync() {
        await(
                "all are in sync",
                () -> members.keySet().stream()
                        .allMatch(id -> describe(id).underReplicated().isEmpty()));
    }

    /** All brokers have the same records, and everything that was acknowledged is among them. */
    List<Integer> requireTheSameEverywhere() {
        await("all have read the same", this::readAll);
        Map<Integer, Long> positions = new HashMap<>();
        for (int i = 0; i < partitionCount; i++) {
            positions.put(i, (long) history.sizes().get(i));
        }
        history.requireAllRead(live(), positions);
        requireNoFailure();
        return history.sizes();
    }

    /** Whether everybody has read as much as anybody, and nobody more than before. */
    private boolean readAll() {
        List<Integer> before = history.sizes();
        String ends = IntStream.range(0, partitionCount)
                .mapToObj(i -> Long.toString(Math.max(before.get(i), acknowledgedEnds[i])))
                .collect(Collectors.joining(" "));
        members.keySet().forEach(id -> tell(id, "read " + ends));
        Set<String> read = new HashSet<>();
        members.keySet().forEach(id -> read.add(awaitAnswer(id, "read")));
        String all = history.sizes().stream().map(String::valueOf).collect(Collectors.joining(" ", "read ", ""));
        return before.equals(history.sizes()) && read.equals(Set.of(all));
    }

    /**
     * All brokers are in sync and have the same records, and when they are killed, it is found on their disks, byte for byte (L01).
     *
     * @return how many records each partition has
     */
    List<Integer> endAndRequireEqualLogs() {
        awaitAllInSync();
        List<Integer> sizes = requireTheSameEverywhere();
        killAll();
        Map<Integer, List<StoredPartition>> stored = new TreeMap<>();
        for (int id : places.keySet()) {
            stored.put(id, StoredPartition.read(MemberProcess.directory(root, id), ClusterMember.TOPIC, sizes));
        }
        Set<List<StoredPartition>> different = new HashSet<>(stored.values());
        List<Integer> ends = different.iterator().next().stream()
                .map(partition -> (int) partition.endOffset())
                .toList();
        if (different.size() != 1 || !ends.equals(sizes)) {
            throw new AssertionError(
                    "brokers have stored different logs: highWatermarks=" + sizes + ", stored=" + stored);
        }
        return sizes;
    }

    // ---- talking

    private void tell(int brokerId, String line) {
        answers.remove(brokerId);
        members.get(brokerId).tell(line);
    }

    private String awaitAnswer(int brokerId, String word) {
        await("broker " + brokerId + " answers " + word, () -> answers.containsKey(brokerId));
        String answer = answers.remove(brokerId);
        if (!answer.split(" ")[0].equals(word)) {
            throw new AssertionError("another answer: brokerId=" + brokerId + ", expected=" + word + ", is=" + answer);
        }
        return answer;
    }

    /** For where nothing tells when it is time: a halted process, hosts that are apart. */
    void listenFor(Duration duration) {
        long deadlineNs = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - deadlineNs < 0) {
            hear();
        }
    }

    private void await(String what, BooleanSupplier condition) {
        await(what, PATIENCE, condition);
    }

    private void await(String what, Duration patience, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("in vain was waited until " + what + ": acknowledged=" + history.acknowledged()
                        + ", failures=" + failures + ", described=" + described + ", logs=" + logs());
            }
            hear();
        }
    }

    private void hear() {
        try {
            Heard first = heard.poll(10, TimeUnit.MILLISECONDS);
            for (Heard next = first; next != null; next = heard.poll()) {
                onHeard(next.from(), next.line());
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private void onHeard(MemberProcess from, String line) {
        if (line == null) {
            if (!from.mayEnd()) {
                throw new AssertionError("broker has ended: brokerId=" + from.id() + ", log=" + from.log());
            }
            return;
        }
        String[] words = line.split(" ");
        switch (words[0]) {
            case "ack" -> {
                int partition = Integer.parseInt(words[1].split(":")[1]);
                long offset = Long.parseLong(words[2]);
                history.onAcknowledged(words[1], partition, offset);
                acknowledgedEnds[partition] = Math.max(acknowledgedEnds[partition], offset + 1);
                if (partition == watch.partition() && Long.parseLong(words[3]) >= watch.sinceMs()) {
                    firstSuccessMs = Math.min(firstSuccessMs, System.currentTimeMillis());
                }
            }
            case "failed" -> failures.add(line);
            case "record" -> history.onRead(from.id(), Integer.parseInt(words[1]), Long.parseLong(words[2]), words[3]);
            case "partition" ->
                described.add(new PartitionReplicas(
                        new TopicPartition(ClusterMember.TOPIC, Integer.parseInt(words[1])),
                        Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]),
                        ids(words[4]),
                        ids(words[5])));
            case "produced" -> from.onProducing(false);
            case "stopped" -> {
                // Told by produced as well, later.
            }
            default -> answers.put(from.id(), line);
        }
    }

    private static List<Integer> ids(String text) {
        return Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
    }

    /** What the brokers have logged last. */
    private String logs() {
        return members.values().stream().map(MemberProcess::log).collect(Collectors.joining());
    }

    @Override
    public void close() {
        killAll();
    }
}
