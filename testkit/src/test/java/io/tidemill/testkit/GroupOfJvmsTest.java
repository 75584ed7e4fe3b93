package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.Topic;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.Groups;
import io.tidemill.runtime.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** G01, B04, L07: members of a group live in three JVMs; one is killed, and another one's members go on with what it had. */
@Timeout(90)
class GroupOfJvmsTest {
    private static final int RECORDS = 1_800;
    private static final int HERE = 3;

    @TempDir
    private Path root;

    private Map<Integer, InetSocketAddress> addresses;
    private final List<ChildProcess> children = new ArrayList<>();
    private final List<Thread> listeners = new ArrayList<>();
    private final AtomicInteger joined = new AtomicInteger();
    /** Of each partition, what was read by whomever, by offset; a record that is read again is the same. */
    private final Map<Integer, Map<Long, String>> read = new ConcurrentHashMap<>();

    private final Set<String> readTwiceAsAnother = ConcurrentHashMap.newKeySet();

    @AfterEach
    void end() throws IOException, InterruptedException {
        for (ChildProcess child : children) {
            child.kill();
        }
        for (Thread listener : listeners) {
            listener.join();
        }
    }

    @Test
    void whatAKilledMemberHadIsReadByOthers() throws IOException, InterruptedException {
        addresses = JvmCluster.freePorts(InetAddress.getLoopbackAddress(), 3);
        ChildProcess victim = startChild(1);
        startChild(2);
        try (Broker broker = GroupMemberRun.join(HERE, root, addresses);
                ConsumerGroup<String, String> member = GroupMemberRun.member(broker)) {
            pollUntil(member, () -> joined.get() == 2);
            Topic<String, String> topic = GroupMemberRun.topic(broker);
            int sent = 0;
            while (sent < RECORDS / 3) {
                sent = send(topic, sent);
                poll(member);
            }
            victim.kill();
            while (sent < RECORDS * 2 / 3) {
                sent = send(topic, sent);
                poll(member);
            }
            pollUntil(member, () -> countRead() == RECORDS * 2 / 3);
            startChild(1);
            pollUntil(member, () -> joined.get() == 3);
            while (sent < RECORDS) {
                sent = send(topic, sent);
                poll(member);
            }

            pollUntil(
                    member,
                    () -> countRead() == RECORDS
                            && Groups.of(broker).describe("g").lag() == 0);

            assertEquals(3, Groups.of(broker).describe("g").members().size());
            assertEquals(Set.of(), readTwiceAsAnother);
            requireOrder();
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void pollUntil(ConsumerGroup<String, String> member, Condition condition) {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> "joined=" + joined + ", read=" + countRead());
            poll(member);
        }
    }

    private void poll(ConsumerGroup<String, String> member) {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(1))) {
            onRead(record.partition(), record.offset(), record.value());
        }
        member.commit();
    }

    private void onRead(int partition, long offset, String value) {
        String before =
                read.computeIfAbsent(partition, id -> new ConcurrentHashMap<>()).put(offset, value);
        if (before != null && !before.equals(value)) {
            readTwiceAsAnother.add(partition + "@" + offset + ": " + before + ", " + value);
        }
    }

    private int countRead() {
        return read.values().stream().mapToInt(Map::size).sum();
    }

    private static int send(Topic<String, String> topic, int from) {
        for (int i = from; i < from + 20; i++) {
            topic.send("key-" + i % 30, "" + i).join();
        }
        return from + 20;
    }

    /** Of each key, in the order in which it was sent. */
    private void requireOrder() {
        for (Map<Long, String> partition : read.values()) {
            Map<Integer, Integer> last = new HashMap<>();
            for (long offset = 0; offset < partition.size(); offset++) {
                int number = Integer.parseInt(partition.get(offset));
                Integer before = last.put(number % 30, number);
                assertTrue(before == null || before < number, () -> "not in order: " + before + ", " + number);
            }
        }
    }

    private ChildProcess startChild(int id) throws IOException {
        List<Object> args = new ArrayList<>(List.of(id, root));
        addresses.values().forEach(address -> args.add(address.getPort()));
        ChildProcess child = ChildProcess.start(GroupMemberRun.class, List.of("-Xmx256m"), args.toArray());
        children.add(child);
        Thread listener = new Thread(() -> listen(child), "listener-" + id);
        listener.start();
        listeners.add(listener);
        return child;
    }

    private void listen(ChildProcess child) {
        try {
            for (String line = child.readLine(); line != null; line = child.readLine()) {
                String[] words = line.split(" ");
                if (words.length == 3) {
                    onRead(Integer.parseInt(words[0]), Long.parseLong(words[1]), words[2]);
                } else if (line.equals("joined")) {
                    joined.incrementAndGet();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
