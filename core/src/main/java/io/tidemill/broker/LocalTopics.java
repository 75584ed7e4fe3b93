package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.TopicDescription;
import io.tidemill.TopicSettings;
import io.tidemill.codec.Codecs;
import io.tidemill.consumer.PartitionConsumer;
import io.tidemill.errors.StorageException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.MetadataEvent;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.producer.TopicProducer;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.CallerFuture;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of a broker. What changes them is an event first, which {@link TopicsCore} decides; when that is durable, it is
 * so, and what is open follows: {@link OpenTopics}.
 */
final class LocalTopics implements Topics {
    private static final TopicSettings METADATA_SETTINGS =
            TopicSettings.partitions(1).withUnlimitedRetention().withFlush(FlushSettings.EVERY_BATCH);

    private static final UUID METADATA_ID = new UUID(0, 1);

    private static final Logger LOG = LoggerFactory.getLogger(LocalTopics.class);

    private final WriteAccess access;
    private final BrokerSettings settings;
    private final RandomGenerator random;
    private final CallerWait callerWait;
    private final TopicLogs logs;
    private final OpenTopics open;

    /** Held while topics change. */
    private final ReentrantLock lock = new ReentrantLock();

    private final TopicsCore core = new TopicsCore();
    private final Partition metadata;
    private final TopicProducer<byte[], byte[]> metadataProducer;
    /** Of the metadata; what is appended by ourselves is replayed at once. */
    private long replayedOffset;

    /** Opens everything that is there. */
    LocalTopics(BrokerInside inside) {
        this.access = inside.access();
        this.settings = inside.settings();
        this.random = inside.random();
        this.callerWait = inside.callerWait();
        this.logs = inside.logs();
        this.open = inside.topics();
        this.metadata = openMetadata(inside.lanes());
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

    private Partition openMetadata(Lanes lanes) {
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
        for (OpenTopic opened : List.copyOf(open.all())) {
            TopicRecord topic = core.find(opened.name());
            if (topic == null || !topic.id().equals(opened.id())) {
                detach(opened);
            }
        }
        for (TopicRecord topic : core.all()) {
            OpenTopic opened = open.find(topic.name());
            if (opened == null) {
                open.attach(topic.id(), topic.name(), effective(topic), openLogs(topic, 0));
            } else if (!opened.settings().equals(effective(topic))) {
                open.alter(
                        opened,
                        effective(topic),
                        openLogs(topic, opened.partitions().size()));
            }
        }
    }

    @Override
    public Set<String> names() {
        replayOthers();
        return open.names();
    }

    @Override
    public Collection<OpenTopic> all() {
        return open.all();
    }

    @Override
    public List<Partition> allPartitions() {
        List<Partition> partitions = new ArrayList<>();
        partitions.add(metadata);
        partitions.addAll(open.allPartitions());
        return partitions;
    }

    @Override
    public @Nullable OpenTopic find(String name) {
        OpenTopic topic = open.find(name);
        if (topic == null) {
            replayOthers();
            topic = open.find(name);
        }
        return topic;
    }

    @Override
    public TopicDescription describe(String name) {
        replayOthers();
        return Topics.super.describe(name);
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
    private <T> T change(Supplier<T> act) {
        callerWait.requireOpen();
        access.require();
        callerWait.requireMayWait();
        return DeferredInterrupt.call(() -> {
            lock.lock();
            try {
                return act.get();
            } finally {
                lock.unlock();
            }
        });
    }

    private void change(Runnable act) {
        change(() -> {
            act.run();
            return true;
        });
    }

    @Override
    public void create(String name, TopicSettings topicSettings) {
        TopicsCore.requireNotInternal(name);
        change(() -> createLocked(name, topicSettings));
    }

    @Override
    public boolean createIfAbsent(String name, TopicSettings topicSettings) {
        TopicsCore.requireNotInternal(name);
        return createInternalIfAbsent(name, topicSettings);
    }

    @Override
    public boolean createInternalIfAbsent(String name, TopicSettings topicSettings) {
        return change(() -> {
            boolean isAbsent = core.find(name) == null;
            if (isAbsent) {
                createLocked(name, topicSettings);
            }
            return isAbsent;
        });
    }

    private void createLocked(String name, TopicSettings topicSettings) {
        TopicRecord event = core.create(newIdLocked(), name, topicSettings);
        Codecs.requireAvailable(effective(event).compression());
        open.attach(event.id(), name, effective(event), appendWithLogs(event, 0));
        open.startChecks();
    }

    @Override
    public UUID newId() {
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

    @Override
    public void alter(String name, UnaryOperator<TopicSettings> change) {
        change(() -> {
            OpenTopic topic = require(name);
            TopicRecord now = Objects.requireNonNull(core.find(name));
            TopicRecord event = core.change(now, change.apply(now.settings()));
            Codecs.requireAvailable(effective(event).compression());
            requireTakes(event, logs.batchBytesMax(name));
            open.alter(
                    topic,
                    effective(event),
                    appendWithLogs(event, topic.partitions().size()));
            open.startChecks();
        });
    }

    @Override
    public void delete(String name) {
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
        CallerFuture.await(metadataProducer.send(0, ProducerRecord.NO_TIMESTAMP, null, event.encode(), List.of()));
        core.replay(event);
        replayedOffset++;
    }

    @Override
    public TopicSettings topicDefaults() {
        return settings.topicDefaults();
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

    /** Lets go of a topic that is gone, and answers whether nobody touches its logs any more. */
    private boolean detach(OpenTopic topic) {
        topic.partitions().forEach(partition -> logs.forget(topic.name(), partition.index()));
        CountDownLatch released = new CountDownLatch(1);
        open.detach(topic, released::countDown);
        return callerWait.until(() -> released.getCount() == 0, settings.closeTimeout(), null);
    }
}
