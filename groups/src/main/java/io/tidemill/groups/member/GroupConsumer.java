package io.tidemill.groups.member;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.LoopSettings;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.consumer.TopicConsumer;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.CommitPolicy.Elsewhere;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.groups.OffsetOwner;
import io.tidemill.groups.local.LocalCoordinator;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member: a consumer that reads what it is given. Each poll follows the group first ({@link Reading}), and waits no longer than
 * until there may be something to hear from it.
 */
public final class GroupConsumer<K, V> implements ConsumerGroup<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(GroupConsumer.class);

    /** Longer than any wait makes sense, short enough to be added to a clock's reading. */
    private static final long TIMEOUT_NS_MAX = Long.MAX_VALUE / 4;

    private final HostBroker broker;
    private final LocalCoordinator coordinator;
    private final String group;
    private final GroupSettings settings;
    /** Held in every call: another thread may close this. */
    private final ReentrantLock use = new ReentrantLock();

    private final EndsTold endsTold;
    private final TopicConsumer<K, V> consumer;
    private final Membership membership;
    private final Commits commits;
    private final AutoCommit autoCommit;
    private final Reading reading;
    private boolean isSubscribed;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** What ends the wait for records. */
    private final BooleanSupplier hasOtherToDo;

    GroupConsumer(Broker broker, String group, Serde<K> keySerde, Serde<V> valueSerde, GroupSettings settings) {
        this.broker = HostBroker.of(broker);
        this.coordinator = LocalCoordinator.of(this.broker);
        this.group = group;
        this.settings = settings;
        this.endsTold = new EndsTold(settings.consumer().partitionEofListener());
        this.consumer = this.broker.consumers().consumer(keySerde, valueSerde, endsTold.listenIn(settings.consumer()));
        String memberId = this.broker.newId().toString();
        this.membership = new Membership(coordinator, group, memberId, settings, this.broker.clock(), consumer::signal);
        this.commits = new Commits(coordinator, group, membership, this.broker.clock());
        this.autoCommit = new AutoCommit(settings.commits(), commits, consumer, this.broker.clock());
        Beginnings beginnings = settings.commits() instanceof Elsewhere elsewhere
                ? new SavedBeginnings(elsewhere.store(), coordinator.topics(), membership)
                : new CommittedBeginnings(commits);
        this.reading = new Reading(
                this, settings.rebalanceListener(), coordinator, membership, commits, beginnings, autoCommit, consumer);
        this.hasOtherToDo = () -> closed.get() || membership.isDisturbed();
    }

    @Override
    public String groupId() {
        return group;
    }

    @Override
    public String memberId() {
        return membership.memberId();
    }

    @Override
    public OffsetOwner owner() {
        return inside(membership::owner);
    }

    @Override
    public Map<TopicPartition, Long> positions() {
        return inside(() -> {
            Map<TopicPartition, Long> positions = new HashMap<>();
            consumer.positions().forEach((partition, position) -> positions.put(partition.id(), position));
            return positions;
        });
    }

    @Override
    public void subscribe(Collection<String> topics) {
        if (topics.isEmpty()) {
            unsubscribe();
            return;
        }
        // Creates those that do not exist, where the broker does that, or throws.
        topics.forEach(name -> broker.topic(name, Serdes.bytes(), Serdes.bytes()));
        Set<String> names = Set.copyOf(topics);
        subscribe(existing -> names);
    }

    @Override
    public void subscribe(Pattern pattern) {
        subscribe(existing -> existing.stream()
                .filter(name -> pattern.matcher(name).matches())
                .collect(Collectors.toUnmodifiableSet()));
    }

    private void subscribe(UnaryOperator<Set<String>> wanted) {
        requireNoListener("subscribe");
        inside(() -> {
            reading.want(wanted);
            isSubscribed = true;
            if (!membership.isMember()) {
                membership.onPoll();
                reading.join();
            }
            return true;
        });
    }

    @Override
    public void unsubscribe() {
        requireNoListener("unsubscribe");
        inside(() -> {
            isSubscribed = false;
            reading.want(existing -> Set.of());
            reading.leave(false);
            return true;
        });
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        throw new IllegalStateException("a member of a group reads what its group gives it: group=" + group
                + "; use a consumer of the topic or of the broker to choose partitions");
    }

    @Override
    public Set<String> subscription() {
        return inside(reading::topics);
    }

    @Override
    public Set<TopicPartition> assignment() {
        return inside(consumer::assignment);
    }

    @Override
    public List<ConsumerRecord<K, V>> poll(Duration timeout) {
        requireNoListener("poll");
        // Without a call around it: the JIT inlines to a certain depth only, and the records are at the bottom of this.
        enter();
        try {
            requireSubscribed();
            membership.onPoll();
            autoCommit.onPoll();
            return pollUntil(broker.clock().nowNs()
                    + Math.max(0, Math.min(TimeUnit.NANOSECONDS.convert(timeout), TIMEOUT_NS_MAX)));
        } finally {
            use.unlock();
        }
    }

    /** What changes what the member has does not go on inside of itself. */
    private void requireNoListener(String call) {
        if (use.isHeldByCurrentThread()) {
            throw new IllegalStateException(call + " was called by a listener of the member: group=" + group);
        }
    }

    private void requireSubscribed() {
        if (!isSubscribed) {
            throw new IllegalStateException("the member wants nothing: subscribe to a topic: group=" + group);
        }
    }

    private List<ConsumerRecord<K, V>> pollUntil(long deadlineNs) {
        while (true) {
            reading.keepUp();
            if (closed.get()) {
                // By a listener.
                return List.of();
            }
            long waitNs = Math.min(deadlineNs - broker.clock().nowNs(), membership.quietNs());
            List<ConsumerRecord<K, V>> records = List.of();
            membership.onWaiting();
            try {
                records = consumer.poll(Duration.ofNanos(waitNs), hasOtherToDo);
            } catch (UnknownTopicOrPartitionException e) {
                // A topic was deleted, and the coordinator is about to say so.
                membership.mustSpeak();
            } finally {
                membership.onWaited();
            }
            if (!records.isEmpty() || endsTold.take() || isOver(deadlineNs)) {
                return records;
            }
        }
    }

    private boolean isOver(long deadlineNs) {
        return closed.get()
                || Thread.currentThread().isInterrupted()
                || broker.clock().nowNs() - deadlineNs >= 0;
    }

    @Override
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void commit() {
        await(commitAsync());
    }

    @Override
    public void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        await(commitAsync(offsets));
    }

    private static void await(CompletableFuture<Void> written) {
        try {
            written.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public CompletableFuture<Void> commitAsync() {
        return answer(() -> commits.positions(consumer.positions()));
    }

    @Override
    public CompletableFuture<Void> commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        return answer(() -> commits.offsets(offsets));
    }

    /** A refusal is an answer, too. */
    private CompletableFuture<Void> answer(Supplier<CompletableFuture<Void>> commit) {
        return inside(() -> {
            requireCommits();
            try {
                return commit.get();
            } catch (TidemillException e) {
                return CompletableFuture.failedFuture(e);
            }
        });
    }

    private void requireCommits() {
        if (settings.commits() instanceof Elsewhere) {
            throw new IllegalStateException(
                    "the application saves by an OffsetStore how far it has read: group=" + group);
        }
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        return inside(() -> commits.committed(partitions));
    }

    @Override
    public Map<TopicPartition, Long> lag() {
        return inside(() -> {
            Map<TopicPartition, Partition> partitions = new HashMap<>();
            for (String name : reading.topics()) {
                OpenTopic topic = coordinator.topics().find(name);
                if (topic != null) {
                    topic.partitions().forEach(partition -> partitions.put(partition.id(), partition));
                }
            }
            Map<TopicPartition, OffsetAndMetadata> committed = commits.committed(partitions.keySet());
            Map<TopicPartition, Long> lag = new HashMap<>();
            partitions.forEach((id, partition) -> {
                partition.awaitBounds();
                OffsetAndMetadata read = committed.get(id);
                long from = read == null ? partition.startOffset() : read.offset();
                lag.put(id, partition.readableEnd(settings.consumer().isolationLevel()) - from);
            });
            return lag;
        });
    }

    @Override
    public RecordLoop loop(RecordHandler<K, V> handler, LoopSettings loopSettings) {
        requireCommits();
        autoCommit.switchOff();
        return broker.loop(this, handler, this::commitHandled, loopSettings);
    }

    /** What cannot be committed others handle once more, and the loop goes on. */
    private void commitHandled(Map<TopicPartition, Long> nextOffsets) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        nextOffsets.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        try {
            commit(offsets);
        } catch (CommitFailedException | UnknownTopicOrPartitionException e) {
            LOG.warn("handled records could not be committed, and may be handled again: {}", e.getMessage());
        }
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        inside(() -> {
            consumer.pause(partitions);
            return true;
        });
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        inside(() -> {
            consumer.resume(partitions);
            return true;
        });
    }

    @Override
    public Set<TopicPartition> paused() {
        return inside(consumer::paused);
    }

    @Override
    public long position(TopicPartition partition) {
        return inside(() -> consumer.position(partition));
    }

    @Override
    public long lag(TopicPartition partition) {
        return inside(() -> consumer.lag(partition));
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        inside(() -> {
            consumer.seek(partition, offset);
            return true;
        });
    }

    @Override
    public void seekToBeginning(Collection<TopicPartition> partitions) {
        inside(() -> {
            consumer.seekToBeginning(partitions);
            return true;
        });
    }

    @Override
    public void seekToEnd(Collection<TopicPartition> partitions) {
        inside(() -> {
            consumer.seekToEnd(partitions);
            return true;
        });
    }

    @Override
    public void seekToTime(Instant time) {
        inside(() -> {
            consumer.seekToTime(time);
            return true;
        });
    }

    @Override
    public Map<TopicPartition, Long> offsetsForTimes(Map<TopicPartition, Instant> times) {
        return inside(() -> consumer.offsetsForTimes(times));
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return inside(() -> consumer.beginningOffsets(partitions));
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return inside(() -> consumer.endOffsets(partitions));
    }

    private <T> T inside(Supplier<T> call) {
        enter();
        try {
            return call.get();
        } finally {
            use.unlock();
        }
    }

    /** From here to the lock's end nobody else uses it. */
    private void enter() {
        if (!use.tryLock()) {
            if (broker.callerWait().isInsideCallback()) {
                // The poll that it would wait for may wait for what this thread has to do.
                throw new IllegalStateException("a callback used a member that another thread is using: group=" + group
                        + "; hand it to that thread");
            }
            use.lock();
        }
        if (closed.get()) {
            use.unlock();
            throw new IllegalStateException("the member is closed: group=" + group);
        }
    }

    @Override
    public void leave() {
        close(false);
    }

    @Override
    public void close() {
        close(settings.instanceId() != null);
    }

    private void close(boolean comesBack) {
        broker.callerWait().requireMayWait();
        if (closed.compareAndSet(false, true)) {
            consumer.signal();
            use.lock();
            try {
                reading.end();
                reading.leave(comesBack);
            } catch (BrokerClosedException e) {
                // It took its members along.
            } finally {
                use.unlock();
                consumer.close();
            }
        }
    }
}
