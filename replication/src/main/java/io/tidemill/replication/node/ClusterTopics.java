package io.tidemill.replication.node;

import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.broker.BrokerInside;
import io.tidemill.broker.OpenTopics;
import io.tidemill.broker.Topics;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Appender;
import io.tidemill.lane.LogWriter;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.metadata.TopicRecord;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterEvent;
import io.tidemill.replication.controller.ClusterEvent.PartitionChanged;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.replication.controller.ClusterRequest.AlterTopic;
import io.tidemill.replication.controller.ClusterRequest.CreateTopic;
import io.tidemill.replication.controller.ClusterRequest.DeleteTopic;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.replication.controller.Refusal;
import io.tidemill.replication.replica.LeaderWait;
import io.tidemill.replication.replica.MovableLog;
import io.tidemill.replication.replica.RemoteLog;
import io.tidemill.replication.replica.Replicas;
import io.tidemill.runtime.CallerWait;
import io.tidemill.spi.PartitionLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of a broker of a cluster. What changes them is asked of the controller, and comes back as a decision that every broker
 * replays; then what is open here follows.
 *
 * <p>Asked by any thread; what is replayed comes on the lane thread.
 */
final class ClusterTopics implements Topics {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterTopics.class);

    private static final long PAUSE_MIN_NS = 1_000_000;

    /** Asks the controller. Any thread. */
    interface Controller {
        /** Tells the answer, if there is one within the request time-out; then nobody asks any more. */
        void ask(ClusterRequest request, Consumer<ClusterAnswer> listener);

        /** Has the lane thread do something, soon and in order. */
        void onLane(Runnable command);

        /** Whether the cluster counts on this broker, so that it knows what there is. */
        boolean isReady();
    }

    private final NodeSettings node;
    private final BrokerInside inside;
    private final OpenTopics open;
    private final ClusterCore core;
    private final Replicas replicas;
    private final Controller controller;
    private final LeaderWait leaderWait;
    private final ControllerCalls calls;
    /** For threads that must not touch the core. */
    private final Map<String, TopicRecord> records = new ConcurrentHashMap<>();

    private volatile TopicSettings topicDefaults;

    ClusterTopics(
            NodeSettings node,
            BrokerInside inside,
            ClusterCore core,
            Replicas replicas,
            Controller controller,
            ControllerCalls calls) {
        this.node = node;
        this.inside = inside;
        this.open = inside.topics();
        this.core = core;
        this.replicas = replicas;
        this.controller = controller;
        this.leaderWait = new LeaderWait(inside.callerWait(), node.requestTimeout());
        this.topicDefaults = core.topicDefaults();
        this.calls = calls;
    }

    // ---- asked by any thread

    @Override
    public void create(String name, TopicSettings settings) {
        TopicsCore.requireNotInternal(name);
        ControllerCalls.requireNotRefused(askToCreate(name, settings));
    }

    @Override
    public boolean createIfAbsent(String name, TopicSettings settings) {
        TopicsCore.requireNotInternal(name);
        return createInternalIfAbsent(name, settings);
    }

    @Override
    public boolean createInternalIfAbsent(String name, TopicSettings settings) {
        ClusterAnswer answer = askToCreate(name, settings);
        if (answer instanceof Refused refused && refused.refusal() == Refusal.TOPIC_ALREADY_EXISTS) {
            return false;
        }
        ControllerCalls.requireNotRefused(answer);
        return true;
    }

    /** Waits for brokers that it takes, if the cluster has so many: they may be about to come. */
    private ClusterAnswer askToCreate(String name, TopicSettings topicSettings) {
        CreateTopic request = new CreateTopic(newId(), name, topicSettings.partitions(), byKey(topicSettings));
        ClusterAnswer answer = calls.ask(request);
        if (topicSettings.replicationFactor() <= node.members().size()) {
            long untilNs = inside.clock().nowNs() + CallerWait.timeoutNs(node.requestTimeout());
            long pauseNs = PAUSE_MIN_NS;
            while (isTooFewBrokers(answer) && inside.clock().nowNs() - untilNs < 0 && pause(pauseNs)) {
                answer = calls.ask(request);
                pauseNs = Math.min(2 * pauseNs, node.askAgainNs());
            }
        }
        return answer;
    }

    /** Answers false when nobody is to wait any more. */
    private boolean pause(long pauseNs) {
        inside.callerWait().until(() -> false, Duration.ofNanos(pauseNs), null);
        inside.callerWait().requireOpen();
        return !Thread.currentThread().isInterrupted();
    }

    private static boolean isTooFewBrokers(ClusterAnswer answer) {
        return answer instanceof Refused refused && refused.refusal() == Refusal.INVALID_REPLICATION_FACTOR;
    }

    private static Map<String, String> byKey(TopicSettings settings) {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (Map.Entry<TopicSetting, String> entry : settings.ofTopic().entrySet()) {
            byKey.put(entry.getKey().key(), entry.getValue());
        }
        return byKey;
    }

    @Override
    public void alter(String name, UnaryOperator<TopicSettings> change) {
        require(name);
        TopicSettings now = Objects.requireNonNull(records.get(name)).settings();
        TopicSettings wanted = change.apply(now);
        Map<String, String> set = byKey(wanted);
        set.entrySet().removeAll(byKey(now).entrySet());
        Set<String> unset = new HashSet<>(byKey(now).keySet());
        unset.removeAll(byKey(wanted).keySet());
        int partitions = wanted.partitions() == now.partitions() ? AlterTopic.SAME_PARTITIONS : wanted.partitions();
        calls.require(new AlterTopic(name, partitions, set, unset));
    }

    @Override
    public void delete(String name) {
        TopicsCore.requireNotInternal(name);
        require(name);
        ClusterAnswer answer = calls.ask(new DeleteTopic(name));
        // It was there: whoever has deleted it, it is gone.
        if (!(answer instanceof Refused refused && refused.refusal() == Refusal.UNKNOWN_TOPIC_OR_PARTITION)) {
            ControllerCalls.requireNotRefused(answer);
        }
    }

    @Override
    public Set<String> names() {
        awaitReady();
        return open.names();
    }

    @Override
    public Collection<OpenTopic> all() {
        return open.all();
    }

    @Override
    public List<Partition> allPartitions() {
        return open.allPartitions();
    }

    @Override
    public @Nullable OpenTopic find(String name) {
        OpenTopic topic = open.find(name);
        if (topic == null && !controller.isReady()) {
            awaitReady();
            topic = open.find(name);
        }
        return topic;
    }

    /** Before, it does not know what there is. */
    private void awaitReady() {
        if (!controller.isReady() && !inside.callerWait().isInsideCallback()) {
            inside.callerWait().until(controller::isReady, node.requestTimeout(), null);
        }
    }

    @Override
    public TopicSettings topicDefaults() {
        return topicDefaults;
    }

    @Override
    public synchronized UUID newId() {
        return new UUID(inside.random().nextLong(), inside.random().nextLong());
    }

    // ---- replayed, on the lane thread

    /** What a partition's batches are handed to, when it is added. */
    Appender newAppender(Partition partition, LogWriter log, BatchCompressor compressor) {
        TopicRecord topic = Objects.requireNonNull(core.topic(partition.topic()));
        PartitionId id = new PartitionId(topic.id(), partition.index());
        String logName = ReplicaLogName.of(topic, partition.index());
        partition.catchesUpBy(() -> leaderWait.awaitCaughtUp(partition));
        return replicas.add(id, logName, partition, log, compressor, state(id));
    }

    private PartitionState state(PartitionId id) {
        return Objects.requireNonNull(core.partition(id));
    }

    /** A decision that the core has replayed. */
    void onReplayed(List<ClusterEvent> decision) {
        boolean isMore = false;
        for (ClusterEvent event : decision) {
            if (event instanceof PartitionChanged changed) {
                replicas.onState(changed.id(), changed.state());
            } else {
                isMore |= event instanceof ClusterEvent.TopicEvent
                        || event instanceof ClusterEvent.ClusterSettingsChanged;
            }
        }
        if (isMore) {
            follow();
        }
    }

    /** The core was restored. */
    void onRestored() {
        follow();
        for (TopicRecord topic : core.topics()) {
            for (int i = 0; i < topic.settings().partitions(); i++) {
                PartitionId id = new PartitionId(topic.id(), i);
                replicas.onState(id, state(id));
            }
        }
    }

    /** What is open becomes what the core knows. */
    private void follow() {
        topicDefaults = core.topicDefaults();
        for (OpenTopic opened : List.copyOf(open.all())) {
            TopicRecord topic = core.topic(opened.name());
            if (topic == null || !topic.id().equals(opened.id())) {
                detach(opened);
            }
        }
        for (TopicRecord topic : core.topics()) {
            records.put(topic.name(), topic);
            TopicSettings settings = core.settings(topic);
            OpenTopic opened = open.find(topic.name());
            if (opened == null) {
                open.attach(topic.id(), topic.name(), settings, openLogs(topic, 0));
            } else if (!opened.settings().equals(settings)) {
                open.alter(opened, settings, openLogs(topic, opened.partitions().size()));
            }
        }
        open.startChecks();
    }

    private List<PartitionLog> openLogs(TopicRecord topic, int first) {
        List<PartitionLog> logs = new ArrayList<>();
        for (int i = first; i < topic.settings().partitions(); i++) {
            RemoteLog remote = new RemoteLog(
                    topic.name() + "-" + i, inside.callerWait(), node.requestTimeout(), controller::onLane);
            logs.add(new MovableLog(
                    remote, new StorePlace(topic.name(), ReplicaLogName.of(topic, i)), isKept(topic, i)));
        }
        return logs;
    }

    private boolean isKept(TopicRecord topic, int partition) {
        return state(new PartitionId(topic.id(), partition)).replicas().contains(node.brokerId());
    }

    /** A log in the store of this broker, with the settings that the topic has when it is opened. */
    private final class StorePlace implements MovableLog.Place {
        private final String topic;
        private final String logName;

        StorePlace(String topic, String logName) {
            this.topic = topic;
            this.logName = logName;
        }

        @Override
        public PartitionLog open() {
            TopicRecord now = Objects.requireNonNull(core.topic(topic));
            return inside.logs().open(logName, core.settings(now).log());
        }

        @Override
        public void onClosed() {
            inside.logs().forget(logName);
        }
    }

    private void detach(OpenTopic topic) {
        records.remove(topic.name());
        List<String> logs = topic.partitions().stream()
                .map(partition -> ReplicaLogName.of(topic.name(), topic.id(), partition.index()))
                .toList();
        logs.forEach(inside.logs()::forget);
        open.detach(topic, () -> logs.forEach(this::deleteLog));
        topic.partitions().forEach(partition -> replicas.remove(new PartitionId(topic.id(), partition.index())));
    }

    private void deleteLog(String logName) {
        try {
            replicas.deleteLog(logName);
        } catch (TidemillException e) {
            LOG.warn("log of a deleted topic cannot be deleted now: log={}, reason={}", logName, e.toString());
        }
    }

    /**
     * What is left of topics that were deleted, and of partitions that moved, when this broker was not there, or had no time for it. All
     * that there is, is known.
     */
    void deleteLeftovers() {
        Set<String> known = new HashSet<>();
        for (TopicRecord topic : core.topics()) {
            for (int i = 0; i < topic.settings().partitions(); i++) {
                if (isKept(topic, i)) {
                    known.add(ReplicaLogName.of(topic, i));
                }
            }
        }
        for (String log : inside.store().logNames()) {
            if (ReplicaLogName.isOne(log) && !known.contains(log)) {
                LOG.info("deleting a log that is not kept here any more: log={}", log);
                deleteLog(log);
            }
        }
    }
}
