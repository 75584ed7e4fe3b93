package io.tidemill.replication.replica;

import io.tidemill.TopicSettings;
import io.tidemill.replication.controller.Assignment;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.StepParker;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Parker;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The replicas of one partition, what they say to each other, and the controller, which is the test: it says who leads. Nothing
 * moves by itself.
 */
final class ReplicaNetwork implements AutoCloseable {
    static final long ASK_AGAIN_MS = 100;
    static final long LAG_MS = 10_000;
    static final long DELIVERY_TIMEOUT_MS = 30_000;
    /** Steps until something must be quiet. */
    private static final int STEPS_MAX = 10_000;

    /** As it was sent. */
    record Message(int fromId, int toId, MutableDirectBuffer bytes) {
        byte kind() {
            return ReplicaMessageLayout.kind(bytes, 0);
        }
    }

    private final SetClock clock = new SetClock(1_000_000);
    /** While a caller waits, everybody does what there is to do. */
    private final Parker parker = new StepParker(maxNs -> pass(1));

    private final CallerWait callerWait = new CallerWait(new AgentHost(Threads.manual(), true, parker), clock, parker);
    private final TopicSettings topic;
    private List<Integer> ids;
    private final Map<Integer, Storage> storages = new HashMap<>();
    private final Map<Integer, TestedReplica> replicas = new TreeMap<>();
    private final Deque<Message> messages = new ArrayDeque<>();
    private final Set<Integer> cutOff = new HashSet<>();
    private final Set<Integer> full = new HashSet<>();
    private PartitionState state;

    ReplicaNetwork(TopicSettings topic, Integer... ids) {
        this.topic = topic;
        this.ids = List.of(ids);
        this.state = state(ids[0], 0, ids);
        for (int id : ids) {
            storages.put(id, Storage.inMemory());
            open(id);
        }
    }

    private PartitionState state(int leader, int epoch, Integer... isr) {
        int partitionEpoch = state == null ? 0 : state.partitionEpoch() + 1;
        return new PartitionState(
                Assignment.of(ids), Arrays.asList(isr), List.of(), leader, leader, epoch, partitionEpoch);
    }

    /** The log of a broker that is not open, for a test to make something of it. */
    Storage storage(int id) {
        return storages.get(id);
    }

    /** A broker gets another disk. */
    void reopenOver(int id, Storage storage) {
        close(id);
        storages.put(id, storage);
        open(id);
    }

    void open(int id) {
        ReplicaSettings settings =
                new ReplicaSettings(LAG_MS * 1_000_000, ASK_AGAIN_MS * 1_000_000, DELIVERY_TIMEOUT_MS * 1_000_000);
        replicas.put(
                id, new TestedReplica(id, clock, storages.get(id), linksOf(id), settings, topic, state, callerWait));
    }

    /** One that does not keep the partition. */
    TestedReplica openReader(int id) {
        storages.put(id, Storage.inMemory());
        open(id);
        return replica(id);
    }

    void close(int id) {
        disconnect(id);
        replicas.remove(id).close();
    }

    /** A broker's log begins there when it is open again. */
    void openAt(int id, long startOffset) {
        close(id);
        try (LogStore store = storages.get(id).open(clock)) {
            store.openLog(TestedReplica.LOG).beginAt(startOffset);
        }
        open(id);
    }

    TestedReplica replica(int id) {
        return replicas.get(id);
    }

    private PeerLinks linksOf(int fromId) {
        return new PeerLinks() {
            @Override
            public boolean send(
                    int toId, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
                if (!isConnected(toId) || full.contains(toId)) {
                    return false;
                }
                UnsafeBuffer bytes = new UnsafeBuffer(new byte[headLength + bodyLength]);
                bytes.putBytes(0, head, 0, headLength);
                bytes.putBytes(headLength, body, bodyIndex, bodyLength);
                messages.add(new Message(fromId, toId, bytes));
                return true;
            }

            @Override
            public boolean isConnected(int brokerId) {
                return replicas.containsKey(brokerId) && !cutOff.contains(brokerId) && !cutOff.contains(fromId);
            }
        };
    }

    /** Those lead and are in sync from now on, and all who are open hear it. */
    void lead(int leader, int epoch, Integer... isr) {
        leadUnheard(leader, epoch, isr);
        replicas.keySet().forEach(this::hear);
    }

    /** The same, and from now on these keep the partition. */
    void keep(List<Integer> replicas, int leader, int epoch, Integer... isr) {
        ids = replicas;
        lead(leader, epoch, isr);
    }

    /** As {@link #lead}, but each hears it when the test wants. */
    void leadUnheard(int leader, int epoch, Integer... isr) {
        state = state(leader, epoch, isr);
    }

    void hear(int id) {
        replica(id).replicas().onState(TestedReplica.ID, state);
    }

    /** From now on nobody reaches it, and what was on the way is lost. */
    void cutOff(int id) {
        cutOff.add(id);
        disconnect(id);
    }

    void connect(int id) {
        cutOff.remove(id);
    }

    /** There is no room for more messages to it. */
    void fill(int id) {
        full.add(id);
    }

    void empty(int id) {
        full.remove(id);
    }

    private void disconnect(int id) {
        messages.removeIf(message -> message.fromId() == id || message.toId() == id);
        for (TestedReplica other : replicas.values()) {
            if (other.id() != id) {
                other.replicas().onDisconnected(id);
                replica(id).replicas().onDisconnected(other.id());
            }
        }
    }

    /** Everybody does what there is to do, and hears what is said, until nothing is. */
    void settle() {
        settle(message -> true);
    }

    /** The same, but other messages than these are lost. */
    void settle(Predicate<Message> isDelivered) {
        for (int step = 0; step < STEPS_MAX; step++) {
            int work = 0;
            for (TestedReplica replica : replicas.values()) {
                work += replica.step();
            }
            for (Message message = messages.poll(); message != null; message = messages.poll()) {
                work++;
                if (isDelivered.test(message)) {
                    deliver(message);
                }
            }
            if (work == 0) {
                return;
            }
        }
        throw new AssertionError("it does not come to rest: messages=" + messages);
    }

    void deliver(Message message) {
        TestedReplica to = replica(message.toId());
        to.replicas()
                .onMessage(message.fromId(), message.bytes(), 0, message.bytes().capacity());
    }

    Deque<Message> messages() {
        return messages;
    }

    void pass(long ms) {
        clock.advance(ms);
        settle();
    }

    @Override
    public void close() {
        replicas.values().forEach(TestedReplica::close);
    }
}
