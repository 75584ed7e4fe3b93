package io.tidemill.broker;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicDescription;
import io.tidemill.TopicDescription.PartitionDescription;
import io.tidemill.TopicSettings;
import io.tidemill.consumer.PartitionConsumer;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.lane.MaintenanceAgent;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.MetadataEvent;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.partitioner.DefaultPartitioner;
import io.tidemill.producer.TopicProducer;
import io.tidemill.raw.RawConsumer;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker on one node. */
final class LocalBroker implements Broker {
    private static final TopicSettings METADATA_SETTINGS =
            TopicSettings.partitions(1).withUnlimitedRetention().withFlush(FlushSettings.EVERY_BATCH);

    private static final UUID METADATA_ID = new UUID(0, 1);

    private static final Logger LOG = LoggerFactory.getLogger(LocalBroker.class);

    private final WriteAccess access;
    private final BrokerSettings settings;
    private final Seams seams;

    private final LogStore store;
    private final AgentHost host;
    private final CallerWait callerWait;
    private final Lanes lanes;
    private final MaintenanceAgent maintenance;
    private final Wakeup maintenanceWakeup;

    /** Held while topics change. */
    private final ReentrantLock topicsLock = new ReentrantLock();

    private final AtomicBoolean isMaintenanceStarted = new AtomicBoolean();

    private final TopicsCore topicsCore = new TopicsCore();
    private final Map<String, OpenTopic> openTopics = new ConcurrentHashMap<>();
    private final Map<String, PartitionLog> openLogs = new ConcurrentHashMap<>();
    private final Partition metadata;
    private final TopicProducer<byte[], byte[]> metadataProducer;
    /** Of the metadata; what is appended by ourselves is replayed at once. */
    private long replayedOffset;

    private final AtomicBoolean closing = new AtomicBoolean();

    static LocalBroker open(Storage storage, BrokerSettings settings, Seams seams) {
        LogStore store = storage.open(seams.clock());
        try {
            return new LocalBroker(new WriteAccess(storage, store.isReadOnly()), store, settings, seams);
        } catch (Throwable e) {
            // Closes the logs that were opened so far, too.
            closeAll(List.of(store), e);
            throw e;
        }
    }

    private LocalBroker(WriteAccess access, LogStore store, BrokerSettings settings, Seams seams) {
        this.access = access;
        this.settings = settings;
        this.seams = seams;
        this.store = store;
        this.host = new AgentHost(seams.threads(), !access.isReadOnly());
        this.callerWait = new CallerWait(host, seams.clock(), seams.parker());
        this.lanes = new Lanes(settings, seams.clock(), host, access.isReadOnly());
        this.maintenance = new MaintenanceAgent(seams.clock(), settings.retentionCheckInterval());
        this.maintenanceWakeup = host.newWakeup();
        this.metadata = openMetadata();
        this.metadataProducer = new TopicProducer<>(
                new OpenTopic(METADATA_ID, TopicsCore.METADATA_TOPIC, METADATA_SETTINGS, List.of(metadata)),
                Serdes.bytes(),
                Serdes.bytes(),
                (key, index, length, partitions) -> 0,
                callerWait,
                settings.maxBlock());
        replay();
        deleteRemoved();
        lanes.start();
        startChecks();
    }

    /** Not before there is something to do: where threads are dedicated, it gets one. Any thread. */
    private void startMaintenance() {
        if (!isMaintenanceStarted.get() && isMaintenanceStarted.compareAndSet(false, true)) {
            host.start(List.of(maintenance), List.of(maintenanceWakeup));
        }
    }

    /** Whether or not a log asks for it. */
    private void startChecks() {
        if (maintenance.hasChecks()) {
            startMaintenance();
        }
    }

    /** Any thread. */
    private void onMaintenanceNeeded() {
        maintenance.request();
        startMaintenance();
        maintenanceWakeup.signal();
    }

    private Partition openMetadata() {
        PartitionLog log = openLog(TopicsCore.METADATA_TOPIC, 0, METADATA_SETTINGS.log());
        return lanes.add(TopicsCore.METADATA_TOPIC, 0, METADATA_SETTINGS, log);
    }

    /** What was not yet replayed. */
    private void replay() {
        try (RawConsumer events = new PartitionConsumer(metadata, callerWait)) {
            events.seek(replayedOffset);
            events.poll(
                    record -> {
                        byte[] event = Serdes.bytes()
                                .deserializer()
                                .deserialize(record.buffer(), record.valueIndex(), record.valueLength());
                        topicsCore.replay(MetadataEvent.decode(event));
                    },
                    Integer.MAX_VALUE);
            replayedOffset = events.position();
        }
        for (OpenTopic open : List.copyOf(openTopics.values())) {
            TopicRecord topic = topicsCore.find(open.name());
            if (topic == null || !topic.id().equals(open.id())) {
                detach(open);
            }
        }
        for (TopicRecord topic : topicsCore.all()) {
            OpenTopic open = openTopics.get(topic.name());
            if (open == null) {
                attach(topic, openLogs(topic, 0));
            } else if (!open.settings().equals(effective(topic))) {
                grow(open, topic, openLogs(topic, open.partitions().size()));
            }
        }
    }

    /** The broker ended between the event that a topic is gone, and that. */
    private void deleteRemoved() {
        if (access.isReadOnly()) {
            return;
        }
        for (String log : store.logNames()) {
            int dash = log.lastIndexOf('-');
            if (dash > 0 && topicsCore.isRemoved(log.substring(0, dash), partitionOf(log.substring(dash + 1)))) {
                deleteLog(log);
            }
        }
    }

    private static int partitionOf(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            // Not one of ours.
            return Integer.MAX_VALUE;
        }
    }

    private void deleteLog(String log) {
        try {
            store.deleteLog(log);
        } catch (TidemillException e) {
            LOG.warn("log of a deleted topic cannot be deleted now: log={}, reason={}", log, e.toString());
        }
    }

    /** Topics that another broker has created since, in a storage that we only read. */
    private void replayOthers() {
        if (access.isReadOnly()) {
            DeferredInterrupt.run(() -> {
                topicsLock.lock();
                try {
                    metadata.refresh();
                    replay();
                } finally {
                    topicsLock.unlock();
                }
            });
        }
    }

    /** What changes topics: one at a time, uninterrupted, never on the broker's own threads. */
    private void change(Runnable act) {
        callerWait.requireOpen();
        access.require();
        callerWait.requireMayWait();
        DeferredInterrupt.run(() -> {
            topicsLock.lock();
            try {
                act.run();
            } finally {
                topicsLock.unlock();
            }
        });
    }

    @Override
    public void createTopic(String name, TopicSettings topicSettings) {
        change(() -> createTopicLocked(name, topicSettings));
    }

    private void createTopicLocked(String name, TopicSettings topicSettings) {
        UUID id = new UUID(seams.random().nextLong(), seams.random().nextLong());
        TopicRecord event = topicsCore.create(id, name, topicSettings);
        attach(event, appendWithLogs(event, 0));
        startChecks();
    }

    /** Appends the event that a topic is so, and creates the logs that it takes; all of it, or nothing. */
    private List<PartitionLog> appendWithLogs(TopicRecord event, int firstPartition) {
        List<PartitionLog> logs = openLogs(event, firstPartition);
        try {
            requireEmpty(event, logs);
            // From here on it is so, whatever comes.
            append(event);
        } catch (Throwable e) {
            dropLogs(event, firstPartition, logs, e);
            throw e;
        }
        return logs;
    }

    @Override
    public void alterTopic(String name, UnaryOperator<TopicSettings> change) {
        change(() -> {
            OpenTopic open = require(name);
            TopicRecord now = Objects.requireNonNull(topicsCore.find(name));
            TopicRecord event = topicsCore.change(now, change.apply(now.settings()));
            int partitions = open.partitions().size();
            requireTakes(
                    event,
                    Objects.requireNonNull(openLogs.get(logName(name, 0))).batchBytesMax());
            grow(open, event, appendWithLogs(event, partitions));
            startChecks();
        });
    }

    @Override
    public void deleteTopic(String name) {
        change(() -> {
            OpenTopic open = require(name);
            append(topicsCore.remove(Objects.requireNonNull(topicsCore.find(name))));
            if (detach(open)) {
                for (Partition partition : open.partitions()) {
                    deleteLog(logName(name, partition.index()));
                }
            } else {
                LOG.warn(
                        "files of a deleted topic are in use, and are deleted when the broker is opened again: topic={}",
                        name);
            }
        });
    }

    @Override
    public TopicDescription describeTopic(String name) {
        callerWait.requireOpen();
        replayOthers();
        OpenTopic open = require(name);
        List<PartitionDescription> partitions = new ArrayList<>();
        for (Partition partition : open.partitions()) {
            partitions.add(
                    new PartitionDescription(partition.index(), partition.startOffset(), partition.committedAcquire()));
        }
        return new TopicDescription(name, open.id(), open.settings(), partitions);
    }

    private OpenTopic require(String name) {
        OpenTopic open = openTopics.get(name);
        if (open == null) {
            throw new UnknownTopicOrPartitionException(
                    "no such topic: name=" + name + ", topics=" + openTopics.keySet());
        }
        return open;
    }

    private void requireEmpty(TopicRecord topic, List<PartitionLog> logs) {
        for (PartitionLog log : logs) {
            if (log.endOffset() != 0) {
                throw new StorageException("the storage holds records of a topic that the broker does not know: topic="
                        + topic.name() + ", records=" + log.endOffset());
            }
            requireTakes(topic, log.batchBytesMax());
        }
    }

    private void requireTakes(TopicRecord topic, int batchBytesMax) {
        int maxMessageBytes = effective(topic).maxMessageBytes();
        if (batchBytesMax < maxMessageBytes) {
            throw new IllegalArgumentException("max.message.bytes exceeds what the storage can take: "
                    + "max.message.bytes=" + maxMessageBytes + ", batchBytesMax=" + batchBytesMax);
        }
    }

    /** When this returns, it is so, and will be. */
    private void append(MetadataEvent event) {
        try {
            metadataProducer
                    .send(0, ProducerRecord.NO_TIMESTAMP, null, event.encode(), List.of())
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
        topicsCore.replay(event);
        replayedOffset++;
    }

    private TopicSettings effective(TopicRecord topic) {
        return topic.settings().over(settings.topicDefaults());
    }

    /** The logs of a topic's partitions from that one on: all, or none. */
    private List<PartitionLog> openLogs(TopicRecord topic, int firstPartition) {
        List<PartitionLog> logs = new ArrayList<>();
        try {
            for (int i = firstPartition; i < topic.settings().partitions(); i++) {
                logs.add(openLog(topic.name(), i, effective(topic).log()));
            }
            return logs;
        } catch (Throwable e) {
            dropLogs(topic, firstPartition, logs, e);
            throw e;
        }
    }

    private PartitionLog openLog(String topic, int partition, LogSettings logSettings) {
        String log = logName(topic, partition);
        PartitionLog opened = store.openLog(log, logSettings);
        openLogs.put(log, opened);
        return opened;
    }

    private static String logName(String topic, int partition) {
        return topic + "-" + partition;
    }

    /** Closes logs, and deletes those that no topic has. */
    private void dropLogs(TopicRecord topic, int firstPartition, List<PartitionLog> logs, Throwable reason) {
        openLogs.values().removeAll(logs);
        closeAll(logs, reason);
        TopicRecord known = topicsCore.find(topic.name());
        int kept = known == null ? 0 : known.settings().partitions();
        for (int i = Math.max(firstPartition, kept); i < firstPartition + logs.size(); i++) {
            try {
                store.deleteLog(logName(topic.name(), i));
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    private void attach(TopicRecord topic, List<PartitionLog> logs) {
        TopicSettings topicSettings = effective(topic);
        List<Partition> partitions = addToLanes(topic.name(), 0, topicSettings, logs);
        openTopics.put(topic.name(), new OpenTopic(topic.id(), topic.name(), topicSettings, partitions));
    }

    private void grow(OpenTopic open, TopicRecord topic, List<PartitionLog> logs) {
        TopicSettings topicSettings = effective(topic);
        open.alter(topicSettings, addToLanes(open.name(), open.partitions().size(), topicSettings, logs));
        if (!access.isReadOnly()) {
            maintenance.onAltered(open.partitions());
        }
    }

    private List<Partition> addToLanes(
            String topic, int firstPartition, TopicSettings topicSettings, List<PartitionLog> logs) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < logs.size(); i++) {
            partitions.add(lanes.add(topic, firstPartition + i, topicSettings, logs.get(i)));
        }
        if (!access.isReadOnly()) {
            maintenance.addAll(partitions);
            logs.forEach(log -> log.maintainedBy(this::onMaintenanceNeeded));
        }
        return partitions;
    }

    /** Lets go of a topic that is gone, and answers whether nobody touches its logs any more. */
    private boolean detach(OpenTopic open) {
        openTopics.remove(open.name(), open);
        open.partitions().forEach(partition -> openLogs.remove(logName(open.name(), partition.index())));
        open.markRemoved();
        maintenance.removeAll(open.partitions());
        CountDownLatch removed = new CountDownLatch(open.partitions().size());
        open.partitions().forEach(partition -> lanes.remove(partition, removed::countDown));
        return callerWait.until(() -> removed.getCount() == 0, settings.closeTimeout(), null);
    }

    @Override
    public Set<String> topics() {
        callerWait.requireOpen();
        replayOthers();
        return Set.copyOf(openTopics.keySet());
    }

    @Override
    public <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde) {
        callerWait.requireOpen();
        if (!openTopics.containsKey(name)) {
            replayOthers();
            if (settings.autoCreateTopics() && !access.isReadOnly()) {
                createIfAbsent(
                        name, TopicSettings.partitions(settings.topicDefaults().partitions()));
            }
        }
        OpenTopic open = require(name);
        return new LocalTopic<>(
                open,
                keySerde,
                valueSerde,
                new DefaultPartitioner(name.hashCode()),
                callerWait,
                settings.maxBlock(),
                access);
    }

    @Override
    public <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde, TopicSettings topicSettings) {
        callerWait.requireOpen();
        if (!openTopics.containsKey(name)) {
            replayOthers();
            createIfAbsent(name, topicSettings);
        }
        Topic<K, V> topic = topic(name, keySerde, valueSerde);
        if (!topic.settings().equals(topicSettings.over(settings.topicDefaults()))) {
            throw new TopicExistsException("topic exists with other settings: name=" + name + ", settings="
                    + topic.settings() + ", asked=" + topicSettings);
        }
        return topic;
    }

    private void createIfAbsent(String name, TopicSettings topicSettings) {
        if (!openTopics.containsKey(name)) {
            change(() -> {
                if (topicsCore.find(name) == null) {
                    createTopicLocked(name, topicSettings);
                }
            });
        }
    }

    @Override
    public int doWork() {
        callerWait.requireOpen();
        return host.help();
    }

    @Override
    public void close() {
        if (host.isInsideCallback()) {
            throw new IllegalStateException(
                    "close() was called by a callback, on the broker's own thread, and would wait"
                            + " for itself: hand it to another thread");
        }
        if (closing.compareAndSet(false, true)) {
            DeferredInterrupt.run(this::closeOnce);
        }
    }

    private void closeOnce() {
        maintenance.stop();
        lanes.stopAccepting();
        callerWait.until(lanes::areDrained, settings.closeTimeout(), null);
        host.close();
        openTopics.values().forEach(topic -> topic.partitions().forEach(Partition::signalWaiting));
        List<AutoCloseable> rest = new ArrayList<>(openLogs.values());
        rest.add(store);
        RuntimeException failure = new StorageException("the broker did not close cleanly");
        closeAll(rest, failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** Closes each, whatever happens to the others; failures are added to the reason. */
    private static void closeAll(List<? extends AutoCloseable> parts, Throwable reason) {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                reason.addSuppressed(e);
            }
        }
    }
}
