package io.tidemill.consumer;

import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.PartitionEofListener;
import io.tidemill.TopicPartition;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The friendly tier's consumer: readers of the partitions of some topics, taken in turn. What it reads is told by {@link
 * Assignment}, how far by each {@link AssignedPartition}; here they are polled.
 */
public final class TopicConsumer<K, V> implements Consumer<K, V> {
    /** Larger results grow as they need. */
    private static final int INITIAL_CAPACITY_MAX = 500;

    private final RecordDecoder<K, V> decoder;
    private final ConsumerSettings settings;
    private final Function<String, OpenTopic> topics;
    private final CallerWait callerWait;
    private final Wakeup wakeup;
    private final CallerWakeup callerWakeup;
    /** Locked while its readers are in use: another thread may close this, and then what they read into goes to others. */
    private final Assignment assignment;

    private final OffsetLookup offsets;
    private int firstPartition;
    /** Of a listener, while there were records to return. */
    private @Nullable RuntimeException postponed;

    private volatile boolean closed;

    TopicConsumer(
            RecordDecoder<K, V> decoder,
            ConsumerSettings settings,
            OffsetReset reset,
            Function<String, OpenTopic> topics,
            CallerWait callerWait) {
        this.decoder = decoder;
        this.settings = settings;
        this.topics = topics;
        this.callerWait = callerWait;
        this.wakeup = callerWait.newWakeup();
        this.callerWakeup = new CallerWakeup(wakeup);
        this.assignment = new Assignment(settings.isolationLevel(), reset, wakeup);
        this.offsets = new OffsetLookup(settings.isolationLevel(), reset, this::partition);
    }

    @Override
    public void subscribe(Collection<String> names) {
        requireOpen();
        subscribeTo(names.stream().map(topics).toList());
    }

    /** As {@link #subscribe}, where the topics are found already. */
    public void subscribeTo(Collection<OpenTopic> found) {
        synchronized (assignment) {
            requireOpen();
            assignment.subscribe(found);
        }
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            requireOpen();
            assignment.assign(partitions.stream().map(this::partition).toList());
        }
    }

    /**
     * As {@link #assign}, also of nothing, where the partitions are found already.
     *
     * @param positions where those are read from that it does not read yet; without one, as the settings say
     */
    public void assignAt(Collection<Partition> partitions, Map<TopicPartition, Long> positions) {
        synchronized (assignment) {
            requireOpen();
            assignment.assignAt(partitions, positions);
        }
    }

    @Override
    public void unsubscribe() {
        synchronized (assignment) {
            requireOpen();
            assignment.clear();
        }
    }

    @Override
    public Set<String> subscription() {
        synchronized (assignment) {
            return assignment.subscription();
        }
    }

    @Override
    public Set<TopicPartition> assignment() {
        synchronized (assignment) {
            if (!closed) {
                assignment.followGrowth();
            }
            return assignment.ids();
        }
    }

    @Override
    public List<ConsumerRecord<K, V>> poll(Duration timeout) {
        return poll(timeout, () -> {
            if (assignment.partitions().isEmpty()) {
                throw new IllegalStateException(
                        "the consumer reads nothing: subscribe to a topic, or assign a partition");
            }
            return false;
        });
    }

    /**
     * As the other one, also of nothing, and over when there is something else to do.
     *
     * @param isDisturbed whether there is; who makes it true calls {@link #signal}
     */
    public List<ConsumerRecord<K, V>> poll(Duration timeout, BooleanSupplier isDisturbed) {
        requireOpen();
        firstPartition++;
        List<ConsumerRecord<K, V>> records = new ArrayList<>(Math.min(settings.maxPollRecords(), INITIAL_CAPACITY_MAX));
        // First without a call around it: the JIT inlines to a certain depth only, and the records are at the bottom of
        // this.
        try {
            if (!pollInto(records, isDisturbed)) {
                callerWait.until(() -> pollInto(records, isDisturbed), timeout, wakeup);
            }
        } catch (IllegalStateException e) {
            // The broker may have closed its logs meanwhile, and then that is what happened.
            callerWait.requireOpen();
            throw e;
        }
        if (records.isEmpty()) {
            callerWait.requireOpen();
        }
        return records;
    }

    /** A poll that waits looks again whether it is over. Any thread. */
    public void signal() {
        wakeup.signal();
    }

    /** Whether the poll is over. */
    private boolean pollInto(List<ConsumerRecord<K, V>> records, BooleanSupplier isDisturbed) {
        synchronized (assignment) {
            if (closed) {
                return true;
            }
            callerWakeup.throwIfRequested();
            throwPostponed();
            assignment.followGrowth();
            if (isDisturbed.getAsBoolean()) {
                return true;
            }
            List<AssignedPartition> partitions = assignment.partitions();
            if (partitions.isEmpty()) {
                return false;
            }
            // Begins with another partition each time, so that a full one does not starve those behind it.
            int first = Math.floorMod(firstPartition, partitions.size());
            for (int i = 0; i < partitions.size() && records.size() < settings.maxPollRecords() && !closed; i++) {
                pollInto(records, partitions.get((first + i) % partitions.size()));
            }
            return tellEnds(partitions, !records.isEmpty()) || !records.isEmpty();
        }
    }

    private void pollInto(List<ConsumerRecord<K, V>> records, AssignedPartition partition) {
        try {
            partition.poll(
                    record -> records.add(decoder.decode(partition.id(), record)),
                    settings.maxPollRecords() - records.size());
        } catch (RuntimeException e) {
            // Those before it are given out first; the next poll meets it again.
            if (records.isEmpty()) {
                throw e;
            }
        }
    }

    /** Whether there was one to tell. */
    private boolean tellEnds(List<AssignedPartition> partitions, boolean hasRecords) {
        PartitionEofListener listener = settings.partitionEofListener();
        if (listener == null) {
            return false;
        }
        boolean isTold = false;
        for (int i = 0; i < partitions.size() && postponed == null; i++) {
            AssignedPartition partition = partitions.get(i);
            if (partition.takeEnd()) {
                isTold = true;
                try {
                    listener.onPartitionEof(partition.end());
                } catch (RuntimeException e) {
                    if (!hasRecords) {
                        throw e;
                    }
                    postponed = e;
                }
            }
        }
        return isTold;
    }

    private void throwPostponed() {
        RuntimeException exception = postponed;
        if (exception != null) {
            postponed = null;
            throw exception;
        }
    }

    @Override
    public void wakeup() {
        callerWakeup.request();
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            requireOpen();
            assignment.requireAll(partitions).forEach(partition -> partition.pause(true));
        }
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            requireOpen();
            assignment.requireAll(partitions).forEach(partition -> partition.pause(false));
        }
    }

    @Override
    public Set<TopicPartition> paused() {
        synchronized (assignment) {
            Set<TopicPartition> paused = new LinkedHashSet<>();
            for (AssignedPartition partition : assignment.partitions()) {
                if (partition.isPaused()) {
                    paused.add(partition.id());
                }
            }
            return paused;
        }
    }

    @Override
    public long position(TopicPartition partition) {
        synchronized (assignment) {
            return required(partition).position();
        }
    }

    /** Of all partitions that have one. */
    public Map<Partition, Long> positions() {
        synchronized (assignment) {
            requireOpen();
            Map<Partition, Long> positions = new LinkedHashMap<>();
            for (AssignedPartition partition : assignment.partitions()) {
                if (partition.reader().hasPosition()) {
                    positions.put(partition.partition(), partition.reader().position());
                }
            }
            return positions;
        }
    }

    @Override
    public long lag(TopicPartition partition) {
        synchronized (assignment) {
            return required(partition).lag();
        }
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must not be negative: offset=" + offset);
        }
        synchronized (assignment) {
            requireOpen();
            required(partition).reader().seek(offset);
        }
    }

    @Override
    public void seekToBeginning(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            allOr(partitions).forEach(partition -> partition.reader().seekToBeginning());
        }
    }

    @Override
    public void seekToEnd(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            allOr(partitions).forEach(partition -> partition.reader().seekToEnd());
        }
    }

    @Override
    public void seekToTime(Instant time) {
        synchronized (assignment) {
            allOr(Set.of()).forEach(partition -> partition.reader().seekToTime(time.toEpochMilli()));
        }
    }

    /** All of them where none is named. */
    private List<AssignedPartition> allOr(Collection<TopicPartition> named) {
        requireOpen();
        assignment.followGrowth();
        return named.isEmpty() ? assignment.partitions() : assignment.requireAll(named);
    }

    private AssignedPartition required(TopicPartition partition) {
        requireOpen();
        assignment.followGrowth();
        return assignment.require(partition);
    }

    @Override
    public Map<TopicPartition, Long> offsetsForTimes(Map<TopicPartition, Instant> times) {
        synchronized (assignment) {
            requireOpen();
            return offsets.ofTimes(times);
        }
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            requireOpen();
            return offsets.beginnings(partitions);
        }
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        synchronized (assignment) {
            requireOpen();
            return offsets.ends(partitions);
        }
    }

    /** The one that is read, or else any of that name. */
    private Partition partition(TopicPartition id) {
        AssignedPartition assigned = assignment.find(id);
        return assigned != null
                ? assigned.partition()
                : topics.apply(id.topic()).partition(id.partition());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the consumer is closed: subscription=" + subscription());
        }
        callerWait.requireOpen();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            wakeup.signal();
            synchronized (assignment) {
                assignment.close();
            }
        }
    }
}
