package io.tidemill.broker;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.consumer.PartitionConsumer;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.lane.MaintenanceAgent;
import io.tidemill.lane.Partition;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/** The broker on one node. */
final class LocalBroker implements Broker {
    private static final LogSettings METADATA_SETTINGS =
            LogSettings.defaults().withRetentionMs(LogSettings.UNLIMITED).withFlush(FlushSettings.EVERY_BATCH);
    private static final int METADATA_EVENT_BYTES_MAX = 64 * 1024;

    private record OpenTopic(TopicSettings settings, List<Partition> partitions) {}

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
    private final List<PartitionLog> openLogs = new ArrayList<>();
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
                List.of(metadata),
                Serdes.bytes(),
                Serdes.bytes(),
                (key, index, length, partitions) -> 0,
                callerWait,
                settings.maxBlock(),
                false);
        replay();
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
        PartitionLog log = openLog(TopicsCore.METADATA_TOPIC, 0, METADATA_SETTINGS);
        return lanes.add(TopicsCore.METADATA_TOPIC, 0, METADATA_EVENT_BYTES_MAX, log, METADATA_SETTINGS.flush());
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
                        topicsCore.replay(TopicRecord.decode(event));
                    },
                    Integer.MAX_VALUE);
            replayedOffset = events.position();
        }
        for (TopicRecord topic : topicsCore.all()) {
            if (!openTopics.containsKey(topic.name())) {
                attach(topic, openLogs(topic));
            }
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

    @Override
    public void createTopic(String name, TopicSettings topicSettings) {
        callerWait.requireOpen();
        access.require();
        callerWait.requireMayWait();
        DeferredInterrupt.run(() -> {
            topicsLock.lock();
            try {
                createTopicLocked(name, topicSettings);
            } finally {
                topicsLock.unlock();
            }
        });
    }

    private void createTopicLocked(String name, TopicSettings topicSettings) {
        UUID id = new UUID(seams.random().nextLong(), seams.random().nextLong());
        TopicRecord event = topicsCore.create(id, name, topicSettings);
        List<PartitionLog> logs = openLogs(event);
        try {
            requireEmpty(event, logs);
            // From here on the topic exists, whatever comes.
            appendEvent(event);
        } catch (Throwable e) {
            dropLogs(event, logs, e);
            throw e;
        }
        topicsCore.replay(event);
        attach(event, logs);
        startChecks();
    }

    private static void requireEmpty(TopicRecord topic, List<PartitionLog> logs) {
        for (PartitionLog log : logs) {
            if (log.endOffset() != 0) {
                throw new StorageException("the storage holds records of a topic that the broker does not know: topic="
                        + topic.name() + ", records=" + log.endOffset());
            }
            if (log.batchBytesMax() < topic.settings().maxMessageBytes()) {
                throw new IllegalArgumentException("max.message.bytes exceeds what the storage can take: "
                        + "max.message.bytes=" + topic.settings().maxMessageBytes() + ", batchBytesMax="
                        + log.batchBytesMax());
            }
        }
    }

    private void appendEvent(TopicRecord event) {
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
    }

    /** All of a topic's logs, or none. */
    private List<PartitionLog> openLogs(TopicRecord topic) {
        List<PartitionLog> logs = new ArrayList<>();
        try {
            for (int i = 0; i < topic.settings().partitions(); i++) {
                logs.add(openLog(topic.name(), i, topic.settings().log()));
            }
            return logs;
        } catch (Throwable e) {
            if (topicsCore.find(topic.name()) == null) {
                dropLogs(topic, logs, e);
            } else {
                openLogs.removeAll(logs);
                closeAll(logs, e);
            }
            throw e;
        }
    }

    private PartitionLog openLog(String topic, int partition, LogSettings logSettings) {
        PartitionLog log = store.openLog(logName(topic, partition), logSettings);
        openLogs.add(log);
        return log;
    }

    private static String logName(String topic, int partition) {
        return topic + "-" + partition;
    }

    private void dropLogs(TopicRecord topic, List<PartitionLog> logs, Throwable reason) {
        openLogs.removeAll(logs);
        closeAll(logs, reason);
        for (int i = 0; i < logs.size(); i++) {
            try {
                store.deleteLog(logName(topic.name(), i));
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    private void attach(TopicRecord topic, List<PartitionLog> logs) {
        TopicSettings topicSettings = topic.settings();
        FlushSettings flush = topicSettings.log().flush();
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < logs.size(); i++) {
            partitions.add(lanes.add(topic.name(), i, topicSettings.maxMessageBytes(), logs.get(i), flush));
        }
        if (!access.isReadOnly()) {
            maintenance.addAll(
                    partitions, topicSettings.log().cleanup().policy().compacts());
            logs.forEach(log -> log.maintainedBy(this::onMaintenanceNeeded));
        }
        openTopics.put(topic.name(), new OpenTopic(topicSettings, List.copyOf(partitions)));
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
        OpenTopic open = openTopics.get(name);
        if (open == null) {
            replayOthers();
            open = openTopics.get(name);
        }
        if (open == null) {
            throw new UnknownTopicOrPartitionException("no such topic: name=" + name + ", topics=" + topics());
        }
        List<Partition> partitions = open.partitions();
        int seed = partitions.get(0).topic().hashCode();
        return new LocalTopic<>(
                partitions,
                open.settings(),
                keySerde,
                valueSerde,
                new DefaultPartitioner(seed),
                callerWait,
                settings.maxBlock(),
                access);
    }

    @Override
    public <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde, TopicSettings topicSettings) {
        callerWait.requireOpen();
        if (!openTopics.containsKey(name)) {
            replayOthers();
        }
        topicsLock.lock();
        try {
            if (topicsCore.find(name) == null) {
                createTopic(name, topicSettings);
            }
        } finally {
            topicsLock.unlock();
        }
        Topic<K, V> topic = topic(name, keySerde, valueSerde);
        if (!topic.settings().equals(topicSettings)) {
            throw new TopicExistsException("topic exists with other settings: name=" + name + ", settings="
                    + topic.settings() + ", asked=" + topicSettings);
        }
        return topic;
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
        List<AutoCloseable> rest = new ArrayList<>(openLogs);
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
