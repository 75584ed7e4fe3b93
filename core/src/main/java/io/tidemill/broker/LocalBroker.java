package io.tidemill.broker;

import io.tidemill.BrokerMetrics;
import io.tidemill.BrokerSettings;
import io.tidemill.Committer;
import io.tidemill.Consumer;
import io.tidemill.ConsumerSettings;
import io.tidemill.Health;
import io.tidemill.LoopSettings;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.RecordPublisher;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicDescription;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.consumer.Consumers;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.loop.LoopOpening;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.metrics.Telemetry;
import io.tidemill.partitioner.DefaultPartitioner;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The broker of this JVM, alone or one of several: {@link PeerSide} is the difference. */
final class LocalBroker implements HostBroker {
    private final WriteAccess access;
    private final BrokerSettings settings;
    private final TopicLogs logs;
    private final AgentHost host;
    private final CallerWait callerWait;
    private final Clock clock;
    private final Telemetry telemetry;
    private final Lanes lanes;
    private final LazyMaintenance maintenance;
    private final PeerSide peers;
    private final Topics topics;
    private final Consumers consumers;
    private final BrokerVitals vitals;
    private final LoopOpening loops;
    private final Companions companions = new Companions();
    private final AtomicBoolean closing = new AtomicBoolean();

    static LocalBroker open(Storage storage, BrokerSettings settings, Seams seams, PeerSide peers) {
        LogStore store = storage.open(seams.clock());
        try {
            return new LocalBroker(new WriteAccess(storage, store.isReadOnly()), store, settings, seams, peers);
        } catch (Throwable e) {
            closeAfter(e, store);
            throw e;
        }
    }

    /** Which closes the logs that were opened so far, too. */
    private static void closeAfter(Throwable reason, LogStore store) {
        try {
            store.close();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private LocalBroker(WriteAccess access, LogStore store, BrokerSettings settings, Seams seams, PeerSide peers) {
        this.access = access;
        this.settings = settings;
        this.clock = seams.clock();
        this.peers = peers;
        this.logs = new TopicLogs(store);
        this.host = new AgentHost(seams.threads(), !access.isReadOnly(), peers.parker());
        this.callerWait = new CallerWait(host, seams.clock(), seams.parker());
        this.telemetry = new Telemetry(seams.clock(), seams.metricsListener());
        this.lanes = new Lanes(settings, seams.clock(), host, telemetry, peers, companions, access.isReadOnly());
        this.maintenance = new LazyMaintenance(settings, seams.clock(), host);
        OpenTopics openTopics = new OpenTopics(lanes, maintenance, access.isReadOnly(), companions::onMetadataChanged);
        this.topics = peers.topics(new BrokerInside(
                access, settings, clock, seams.random(), callerWait, store, lanes, logs, openTopics, telemetry));
        this.consumers = new Consumers(this::openTopic, seams.clock(), callerWait);
        this.vitals = new BrokerVitals(lanes, maintenance, topics, closing::get);
        this.loops = new LoopOpening(callerWait, host, this::deadLetterTopic, this::rawConsumer);
        lanes.start(peers);
        maintenance.startChecks();
    }

    @Override
    public void createTopic(String name, TopicSettings topicSettings) {
        topics.create(name, topicSettings);
    }

    @Override
    public void alterTopic(String name, UnaryOperator<TopicSettings> change) {
        topics.alter(name, change);
    }

    @Override
    public void deleteTopic(String name) {
        topics.delete(name);
    }

    @Override
    public TopicDescription describeTopic(String name) {
        callerWait.requireOpen();
        return topics.describe(name);
    }

    @Override
    public Set<String> topics() {
        callerWait.requireOpen();
        return topics.names();
    }

    @Override
    public <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde) {
        callerWait.requireOpen();
        return topic(openTopic(name), keySerde, valueSerde, () -> {
            access.require();
            TopicsCore.requireNotInternal(name);
        });
    }

    private <K, V> Topic<K, V> topic(OpenTopic topic, Serde<K> keySerde, Serde<V> valueSerde, Runnable writeCheck) {
        return new LocalTopic<>(
                topic,
                keySerde,
                valueSerde,
                new DefaultPartitioner(topic.name().hashCode()),
                writeCheck,
                new LocalTopic.Context(this, callerWait, settings.maxBlock(), consumers));
    }

    /** One that does not exist is created where the settings say so. */
    private OpenTopic openTopic(String name) {
        if (settings.autoCreateTopics() && !access.isReadOnly() && topics.find(name) == null) {
            topics.createIfAbsent(
                    name, TopicSettings.partitions(settings.topicDefaults().partitions()));
        }
        return topics.require(name);
    }

    @Override
    public @Nullable Topic<byte[], byte[]> internalTopic(String name, TopicSettings topicSettings) {
        callerWait.requireOpen();
        if (topics.find(name) == null) {
            if (access.isReadOnly()) {
                return null;
            }
            topics.createInternalIfAbsent(name, topicSettings);
        }
        OpenTopic topic = topics.require(name);
        if (access.isReadOnly()) {
            topic.partitions().forEach(Partition::refresh);
        }
        return topic(topic, Serdes.bytes(), Serdes.bytes(), access::require);
    }

    @Override
    public Collection<OpenTopic> openTopics() {
        return topics.all();
    }

    @Override
    public <T extends Companion> T companion(Class<T> type, Function<HostBroker, T> maker) {
        callerWait.requireOpen();
        return companions.get(type, () -> maker.apply(this));
    }

    @Override
    public PeerSide peers() {
        return peers;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public CallerWait callerWait() {
        return callerWait;
    }

    @Override
    public Wakeup wakeup() {
        return lanes.deliveryWakeup();
    }

    @Override
    public Consumers consumers() {
        return consumers;
    }

    @Override
    public Telemetry telemetry() {
        return telemetry;
    }

    @Override
    public boolean isReadOnly() {
        return access.isReadOnly();
    }

    @Override
    public UUID newId() {
        return topics.newId();
    }

    @Override
    public <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde, TopicSettings topicSettings) {
        callerWait.requireOpen();
        boolean isNew = topics.find(name) == null && topics.createIfAbsent(name, topicSettings);
        Topic<K, V> topic = topic(name, keySerde, valueSerde);
        if (!isNew && !topic.settings().equals(topicSettings.over(topics.topicDefaults()))) {
            throw new TopicExistsException("topic exists with other settings: name=" + name + ", settings="
                    + topic.settings() + ", asked=" + topicSettings);
        }
        return topic;
    }

    @Override
    public <K, V> Consumer<K, V> consumer(Serde<K> keySerde, Serde<V> valueSerde, ConsumerSettings consumerSettings) {
        return consumers.consumer(keySerde, valueSerde, consumerSettings);
    }

    @Override
    public Health health() {
        return vitals.health();
    }

    @Override
    public BrokerMetrics metrics() {
        return vitals.metrics();
    }

    @Override
    public <K, V> RecordLoop loop(
            Consumer<K, V> consumer, RecordHandler<K, V> handler, Committer committer, LoopSettings loopSettings) {
        callerWait.requireOpen();
        return loops.open(consumer, handler, committer, loopSettings);
    }

    @Override
    public <K, V> RecordPublisher<K, V> publisher(Consumer<K, V> consumer) {
        callerWait.requireOpen();
        return loops.publisher(consumer);
    }

    private Topic<byte[], byte[]> deadLetterTopic(String name) {
        access.require();
        return topic(name, Serdes.bytes(), Serdes.bytes());
    }

    /** Where a record came from, which is not created if it is gone. */
    private RawConsumer rawConsumer(TopicPartition partition) {
        return consumers.rawConsumer(
                topics.require(partition.topic()).partition(partition.partition()), RawConsumerSettings.defaults());
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
        companions.onBrokerClosing(settings.closeTimeout());
        peers.leave();
        maintenance.stop();
        lanes.stopAccepting();
        callerWait.until(lanes::areDrained, settings.closeTimeout(), null);
        host.close();
        topics.all().forEach(topic -> topic.partitions().forEach(Partition::signalWaiting));
        companions.onBrokerClosed();
        loops.onBrokerClosed();
        logs.close();
    }
}
