package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.TopicDescription;
import io.tidemill.TopicDescription.PartitionDescription;
import io.tidemill.TopicSettings;
import io.tidemill.codec.Codecs;
import io.tidemill.consumer.PartitionConsumer;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.MetadataEvent;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.producer.TopicProducer;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of a broker. What changes them is an event first, which {@link TopicsCore} decides; when that is durable, it is
 * so, and what is open follows: logs, partitions in their lanes, and the handles' {@link OpenTopic}.
 */
final class LocalTopics {
    private static final TopicSettings METADATA_SETTINGS =
            TopicSettings.partitions(1).withUnlimitedRetention().withFlush(FlushSettings.EVERY_BATCH);

    private static final UUID METADATA_ID = new UUID(0, 1);

    private static final Logger LOG = LoggerFactory.getLogger(LocalTopics.class);

    private final WriteAccess access;
    private final BrokerSettings settings;
    private final RandomGenerator random;
    private final CallerWait callerWait;
    private final Lanes lanes;
    private final LazyMaintenance maintenance;
    private final TopicLogs logs;
    /** Told after topics came, changed or went. */
    private final Runnable onChanged;

    /** Held while topics change. */
    private final ReentrantLock lock = new ReentrantLock();

    private final TopicsCore core = new TopicsCore();
    private final Map<String, OpenTopic> byName = new ConcurrentHashMap<>();
    private final Partition metadata;
    private final TopicProducer<byte[], byte[]> metadataProducer;
    /** Of the metadata; what is appended by ourselves is replayed at once. */
    private long replayedOffset;

    /** Opens everything that is there. */
    LocalTopics(
            WriteAccess access,
            BrokerSettings settings,
            RandomGenerator random,
            CallerWait callerWait,
            Lanes lanes,
            LazyMaintenance maintenance,
            TopicLogs logs,
            Runnable onChanged) {
        this.access = access;
        this.settings = settings;
        this.random = random;
        this.callerWait = callerWait;
        this.lanes = lanes;
        this.maintenance = maintenance;
        this.logs = logs;
        this.onChanged = onChanged;
        this.metadata = openMetadata();
        this.metadataProducer = new TopicProducer<>(
                new OpenTopic(METADATA_ID, TopicsCore.METADATA_TOPIC, METADATA_SETTINGS, List.of(metadata)),
                Serdes.bytes(),
                Serdes.bytes(),
                (key, index, length, partitions) -> 0,
                callerWait,
                settings.maxBlock());
        replay();
        if (!access.isReadOnly()) {
            logs.deleteRemoved(core);
        }
    }

    private Partition openMetadata() {
        PartitionLog log = logs.open(TopicsCore.METADATA_TOPIC, 0, METADATA_SETTINGS.log());
        return lanes.add(TopicsCore.METADATA_TOPIC, 0, METADATA_SETTINGS, log);
    }

    /** What was not yet replayed. */
    private void replay() {
        try (RawConsumer events = new PartitionConsumer(metadata, RawConsumerSettings.defaults(), callerWait)) {
            events.seek(replayedOffset);
            events.poll(
                    record -> {
                        byte[] event = Serdes.bytes()
                                .deserializer()
                                .deserialize(record.buffer(), record.valueIndex(), record.valueLength());
                        core.replay(MetadataEvent.decode(event));
                    },
                    Integer.MAX_VALUE);
            replayedOffset = events.position();
        }
        for (OpenTopic opened : List.copyOf(byName.values())) {
            TopicRecord topic = core.find(opened.name());
            if (topic == null || !topic.id().equals(opened.id())) {
                detach(opened);
            }
        }
        for (TopicRecord topic : core.all()) {
            OpenTopic opened = byName.get(topic.name());
            if (opened == null) {
                attach(topic, openLogs(topic, 0));
            } else if (!opened.settings().equals(effective(topic))) {
                grow(opened, topic, openLogs(topic, opened.partitions().size()));
            }
        }
    }

    /** Without the internal ones. */
    Set<String> names() {
        replayOthers();
        return byName.keySet().stream()
                .filter(name -> !TopicsCore.isInternal(name))
                .collect(Collectors.toUnmodifiableSet());
    }

    Collection<OpenTopic> all() {
        return byName.values();
    }

    /** Of all topics that are there now, and of what the broker knows of them. Any thread. */
    List<Partition> allPartitions() {
        List<Partition> partitions = new ArrayList<>();
        partitions.add(metadata);
        byName.values().forEach(topic -> partitions.addAll(topic.partitions()));
        return partitions;
    }

    /** Null when there is none of that name. */
    @Nullable
    OpenTopic find(String name) {
        OpenTopic topic = byName.get(name);
        if (topic == null) {
            replayOthers();
            topic = byName.get(name);
        }
        return topic;
    }

    OpenTopic require(String name) {
        OpenTopic topic = find(name);
        if (topic == null) {
            throw new UnknownTopicOrPartitionException("no such topic: name=" + name + ", topics=" + byName.keySet());
        }
        return topic;
    }

    TopicDescription describe(String name) {
        replayOthers();
        OpenTopic topic = require(name);
        List<PartitionDescription> partitions = new ArrayList<>();
        for (Partition partition : topic.partitions()) {
            partitions.add(
                    new PartitionDescription(partition.index(), partition.startOffset(), partition.committedAcquire()));
        }
        return new TopicDescription(name, topic.id(), topic.settings(), partitions);
    }

    /** Topics that another broker has created since, in a storage that we only read. */
    private void replayOthers() {
        if (access.isReadOnly()) {
            DeferredInterrupt.run(() -> {
                lock.lock();
                try {
                    metadata.refresh();
                    replay();
                } finally {
                    lock.unlock();
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
            lock.lock();
            try {
                act.run();
            } finally {
                lock.unlock();
            }
        });
    }

    void create(String name, TopicSettings topicSettings) {
        TopicsCore.requireNotInternal(name);
        change(() -> createLocked(name, topicSettings));
    }

    /** Whoever's topic it is. */
    void createIfAbsent(String name, TopicSettings topicSettings) {
        change(() -> {
            if (core.find(name) == null) {
                createLocked(name, topicSettings);
            }
        });
    }

    private void createLocked(String name, TopicSettings topicSettings) {
        TopicRecord event = core.create(newIdLocked(), name, topicSettings);
        Codecs.requireAvailable(effective(event).compression());
        attach(event, appendWithLogs(event, 0));
        maintenance.startChecks();
    }

    UUID newId() {
        lock.lock();
        try {
            return newIdLocked();
        } finally {
            lock.unlock();
        }
    }

    private UUID newIdLocked() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    void alter(String name, UnaryOperator<TopicSettings> change) {
        change(() -> {
            OpenTopic topic = require(name);
            TopicRecord now = Objects.requireNonNull(core.find(name));
            TopicRecord event = core.change(now, change.apply(now.settings()));
            Codecs.requireAvailable(effective(event).compression());
            requireTakes(event, logs.batchBytesMax(name));
            grow(topic, event, appendWithLogs(event, topic.partitions().size()));
            maintenance.startChecks();
        });
    }

    void delete(String name) {
        TopicsCore.requireNotInternal(name);
        change(() -> {
            OpenTopic topic = require(name);
            append(core.remove(Objects.requireNonNull(core.find(name))));
            if (detach(topic)) {
                topic.partitions().forEach(partition -> logs.delete(name, partition.index()));
            } else {
                LOG.warn(
                        "files of a deleted topic are in use, and are deleted when the broker is opened again: topic={}",
                        name);
            }
        });
    }

    /** Appends the event that a topic is so, and creates the logs that it takes; all of it, or nothing. */
    private List<PartitionLog> appendWithLogs(TopicRecord event, int firstPartition) {
        List<PartitionLog> opened = openLogs(event, firstPartition);
        try {
            requireEmpty(event, opened);
            // From here on it is so, whatever comes.
            append(event);
        } catch (Throwable e) {
            dropLogs(event, firstPartition, opened, e);
            throw e;
        }
        return opened;
    }

    private void requireEmpty(TopicRecord topic, List<PartitionLog> opened) {
        for (PartitionLog log : opened) {
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
        core.replay(event);
        replayedOffset++;
    }

    private TopicSettings effective(TopicRecord topic) {
        return topic.settings().over(settings.topicDefaults());
    }

    private List<PartitionLog> openLogs(TopicRecord topic, int first) {
        int end = topic.settings().partitions();
        return logs.openAll(
                topic.name(), first, end, kept(topic), effective(topic).log());
    }

    private void dropLogs(TopicRecord topic, int first, List<PartitionLog> opened, Throwable reason) {
        logs.drop(topic.name(), first, kept(topic), opened, reason);
    }

    /** How many partitions the topic has whatever becomes of an event that is not appended yet. */
    private int kept(TopicRecord topic) {
        TopicRecord known = core.find(topic.name());
        return known == null ? 0 : known.settings().partitions();
    }

    private void attach(TopicRecord topic, List<PartitionLog> opened) {
        TopicSettings topicSettings = effective(topic);
        List<Partition> partitions = addToLanes(topic.name(), 0, topicSettings, opened);
        byName.put(topic.name(), new OpenTopic(topic.id(), topic.name(), topicSettings, partitions));
        onChanged.run();
    }

    private void grow(OpenTopic topic, TopicRecord event, List<PartitionLog> opened) {
        TopicSettings topicSettings = effective(event);
        topic.alter(topicSettings, addToLanes(topic.name(), topic.partitions().size(), topicSettings, opened));
        if (!access.isReadOnly()) {
            maintenance.onAltered(topic.partitions());
        }
        onChanged.run();
    }

    private List<Partition> addToLanes(
            String topic, int firstPartition, TopicSettings topicSettings, List<PartitionLog> opened) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < opened.size(); i++) {
            partitions.add(lanes.add(topic, firstPartition + i, topicSettings, opened.get(i)));
        }
        if (!access.isReadOnly()) {
            maintenance.addAll(partitions, opened);
        }
        return partitions;
    }

    /** Lets go of a topic that is gone, and answers whether nobody touches its logs any more. */
    private boolean detach(OpenTopic topic) {
        byName.remove(topic.name(), topic);
        topic.partitions().forEach(partition -> logs.forget(topic.name(), partition.index()));
        topic.markRemoved();
        onChanged.run();
        maintenance.removeAll(topic.partitions());
        CountDownLatch removed = new CountDownLatch(topic.partitions().size());
        topic.partitions().forEach(partition -> lanes.remove(partition, removed::countDown));
        return callerWait.until(() -> removed.getCount() == 0, settings.closeTimeout(), null);
    }
}
