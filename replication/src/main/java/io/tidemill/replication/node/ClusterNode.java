package io.tidemill.replication.node;

import io.tidemill.ClusterMetrics;
import io.tidemill.broker.BrokerInside;
import io.tidemill.broker.Incarnation;
import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.controller.BrokerIncarnation;
import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.DoneExcept;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterAnswer.RefusedPartition;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterEvent;
import io.tidemill.replication.controller.ClusterEvent.BrokerFenced;
import io.tidemill.replication.controller.ClusterEvent.BrokerRegistered;
import io.tidemill.replication.controller.ClusterEvent.BrokerRemoved;
import io.tidemill.replication.controller.ClusterEvent.BrokerUnfenced;
import io.tidemill.replication.controller.ClusterEventLayout;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.replication.controller.ClusterRequest.AlterPartitions;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.ClusterRequest.Register;
import io.tidemill.replication.controller.ClusterSnapshot;
import io.tidemill.replication.controller.ControllerMessageLayout;
import io.tidemill.replication.controller.Refusal;
import io.tidemill.replication.link.LinkHandler;
import io.tidemill.replication.link.Links;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.store.RaftStore;
import io.tidemill.replication.replica.Replicas;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.DueTime;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.spi.Clock;
import io.tidemill.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes a broker one of a cluster: what comes from other brokers, the metadata log, the controller if this broker is it, and the
 * replicas. This is where they meet; each of them knows what it does.
 *
 * <p>Owned by the lane thread, but for what says otherwise.
 */
final class ClusterNode implements LinkHandler, MetadataLog.Reader, ClusterTopics.Controller {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterNode.class);

    private final NodeSettings settings;
    private final BrokerInside inside;
    private final Clock clock;
    private final Transport transport;
    private final Links links;
    private final ControlLinks control;
    private final ClusterCore core;
    private final MetadataLog log;
    private final ActingController acting;
    private final ControllerClient controller;
    private final Replicas replicas;
    private final BrokerLife life;
    private final ClusterTopics topics;
    private final ClusterGauges gauges;
    private final ClusterWatch watch;
    private final ControllerCalls calls;
    private final ClusterOperations operations;
    private final KnownBrokers brokers = new KnownBrokers();
    /** What callers ask, on its way to the lane's thread. */
    private final Queue<Runnable> asked = new ManyToOneConcurrentLinkedQueue<>();

    private final NavigableSet<Integer> connected = new TreeSet<>();
    /** Read by any thread. */
    private volatile boolean isMajorityThere;

    private final DueTime dueTime = new DueTime();
    private long nowNs;
    /** Whether what is of no use any more was looked for in the store. */
    private boolean isTidy;

    ClusterNode(NodeSettings settings, BrokerInside inside, PeerNetwork network) {
        this.settings = settings;
        this.inside = inside;
        this.clock = inside.clock();
        this.transport = network.transport();
        this.nowNs = clock.nowNs();
        // Of its own: the broker's is used by callers.
        RandomGenerator random = SystemRandom.seeded(inside.random().nextLong());
        this.links = new Links(settings.links(), transport, network.protection(), network.nonces());
        for (int member : settings.members()) {
            if (member != settings.brokerId()) {
                links.addPeer(member, nowNs);
            }
        }
        this.control = new ControlLinks(links);
        this.core = new ClusterCore(settings.controller(), ClusterSnapshot.empty(), random);
        this.replicas = new Replicas(
                settings.brokerId(), inside.store(), clock, new DataLinks(links), settings.replicas(), this::changeIsr);
        this.calls = new ControllerCalls(this, inside.callerWait(), settings.requestTimeout());
        this.topics = new ClusterTopics(settings, inside, core, replicas, this, calls);
        this.operations = new ClusterOperations(calls, settings.requestTimeout(), core);
        this.gauges =
                new ClusterGauges(settings.brokerId(), replicas.gauges(), links.peerMetrics(), links::foreignFrames);
        this.watch = new ClusterWatch(settings.brokerId(), core, inside.telemetry(), gauges);
        RaftStore store = new RaftStore(inside.store(), new Membership(settings.members(), Set.of()));
        this.log = new MetadataLog(settings.brokerId(), store, settings.raft(), control, this, random, nowNs);
        this.acting = new ActingController(core, log, links);
        this.controller = new ControllerClient(settings.brokerId(), control, log, acting, core, settings.askAgainNs());
        BrokerIncarnation incarnation = new BrokerIncarnation(
                new UUID(random.nextLong(), random.nextLong()), settings.address(), settings.rack(), clock.epochMs());
        LostTails lostTails = new LostTails(inside.store());
        Register registration = new Register(settings.brokerId(), incarnation, lostTails.isUntold());
        this.life = new BrokerLife(registration, lostTails, controller, core, replicas, settings.heartbeatNs(), nowNs);
    }

    /** Before the lane's thread runs. */
    void start() {
        inside.telemetry().onClusterOpened(gauges);
        log.start();
    }

    /** Any thread. */
    ClusterMetrics metrics() {
        return gauges;
    }

    ClusterTopics topics() {
        return topics;
    }

    /** For any thread. */
    ClusterOperations operations() {
        return operations;
    }

    // ---- the thread

    int doWork() {
        nowNs = clock.nowNs();
        int work = links.poll(this, nowNs);
        for (Runnable command = asked.poll(); command != null; command = asked.poll()) {
            command.run();
            work++;
        }
        work += log.onTick(nowNs);
        watch.onController(log.leaderId(), log.term());
        work += acting.doWork(nowNs);
        work += life.doWork(nowNs);
        if (!isTidy && life.isReady()) {
            isTidy = true;
            topics.deleteLeftovers();
        }
        work += controller.doWork(nowNs);
        work += replicas.doWork(clock.epochMs(), nowNs);
        return work;
    }

    /** What the duty cycle has said leaves. */
    int flush() {
        return links.flush(nowNs);
    }

    /** At the end of a duty cycle that had nothing to do. */
    void planWaking() {
        long idleNs = Math.min(links.idleNsMax(nowNs), log.idleNsMax(nowNs));
        idleNs = Math.min(idleNs, acting.idleNsMax(nowNs));
        idleNs = Math.min(Math.min(idleNs, life.idleNsMax(nowNs)), settings.askAgainNs());
        dueTime.begin();
        dueTime.add(nowNs + idleNs);
        dueTime.publish();
    }

    /** Any thread. */
    long idleNsMax() {
        return dueTime.remainingNs(clock.nowNs());
    }

    void close() {
        links.close(clock.nowNs());
        CloseHelper.closeAll(log, transport);
    }

    // ---- what other brokers say

    @Override
    public void onConnected(int brokerId) {
        LOG.info("connected: brokerId={}, peer={}", settings.brokerId(), brokerId);
        watch.onPeer(brokerId, true);
        connected.add(brokerId);
        countMajority();
        // One of them seeks to be elected, or all would at once.
        if (isMajorityThere && settings.brokerId() < connected.first()) {
            log.seekElection(nowNs);
        }
        log.onReachable(nowNs);
    }

    private void countMajority() {
        isMajorityThere = 2 * (connected.size() + 1) > settings.members().size();
    }

    @Override
    public void onDisconnected(int brokerId) {
        LOG.info("disconnected: brokerId={}, peer={}", settings.brokerId(), brokerId);
        watch.onPeer(brokerId, false);
        connected.remove(brokerId);
        countMajority();
        replicas.onDisconnected(brokerId);
        controller.onDisconnected(brokerId, nowNs);
    }

    @Override
    public void onMessage(int fromId, int channel, DirectBuffer buffer, int index, int length) {
        if (channel == Links.DATA) {
            replicas.onMessage(fromId, buffer, index, length);
            return;
        }
        switch (ControlMessageLayout.kind(buffer, index)) {
            case ControlMessageLayout.RAFT ->
                log.onMessage(fromId, ControlMessageLayout.content(buffer, index, length), nowNs);
            case ControlMessageLayout.REQUEST -> onRequest(fromId, buffer, index, length);
            case ControlMessageLayout.ANSWER -> controller.onAnswer(buffer, index, length, nowNs);
            default -> LOG.warn("message of an unknown kind is not heeded: from={}", fromId);
        }
    }

    private void onRequest(int fromId, DirectBuffer buffer, int index, int length) {
        long id = ControlMessageLayout.id(buffer, index);
        ClusterRequest request = ControllerMessageLayout.request(ControlMessageLayout.content(buffer, index, length));
        acting.onRequest(request, answer -> control.answer(fromId, id, core.metadataEpoch(), answer), nowNs);
    }

    // ---- what is agreed on

    @Override
    public void onDecision(byte[] bytes) {
        List<ClusterEvent> decision = ClusterEventLayout.decision(bytes);
        core.replay(decision);
        watch.onReplayed(decision, life.isRegistered());
        topics.onReplayed(decision);
        if (decision.stream().anyMatch(ClusterNode::concernsBrokers)) {
            onBrokersChanged();
        }
    }

    private static boolean concernsBrokers(ClusterEvent event) {
        return event instanceof BrokerRegistered
                || event instanceof BrokerFenced
                || event instanceof BrokerUnfenced
                || event instanceof BrokerRemoved;
    }

    private void onBrokersChanged() {
        brokers.onChanged(core);
        inside.topics().onPeersChanged();
    }

    @Override
    public void onPublished(long index, long term) {
        acting.onReplayed(index, term);
        controller.onReplayed();
    }

    @Override
    public void onSnapshot(byte[] snapshot) {
        core.restore(ClusterEventLayout.snapshot(snapshot));
        watch.onRestored(life.isRegistered());
        topics.onRestored();
        onBrokersChanged();
    }

    @Override
    public byte[] snapshot() {
        return ClusterEventLayout.bytes(core.snapshot());
    }

    // ---- what is asked of the controller

    private void changeIsr(IsrChange change) {
        AlterPartitions request = new AlterPartitions(settings.brokerId(), life.brokerEpoch(), List.of(change));
        controller.ask(request, (answer, isLast) -> onIsrAnswer(change, answer, isLast), nowNs);
    }

    /** Where the partition has changed meanwhile, the change will come by. */
    private void onIsrAnswer(IsrChange change, ClusterAnswer answer, boolean isLast) {
        if (answer instanceof DoneExcept done) {
            for (RefusedPartition refused : done.refused()) {
                if (refused.refusal() != Refusal.INVALID_UPDATE_VERSION) {
                    replicas.onIsrRefused(refused.id(), change.partitionEpoch(), isLast);
                }
            }
        } else if (answer instanceof Refused) {
            replicas.onIsrRefused(change.id(), change.partitionEpoch(), isLast);
        }
    }

    @Override
    public void ask(ClusterRequest request, Consumer<ClusterAnswer> listener) {
        long untilNs = clock.nowNs() + CallerWait.timeoutNs(settings.requestTimeout());
        onLane(() -> controller.askUntil(untilNs, request, listener, nowNs));
    }

    @Override
    public void onLane(Runnable command) {
        asked.add(command);
        inside.lanes().signal();
    }

    /** Any thread, but none of the broker's own. */
    ClusterDescription describe(Duration patience) {
        calls.untilReady(patience);
        return calls.known(() -> Describing.describe(core, log.leaderId()));
    }

    @Override
    public boolean isReady() {
        return life.isReady();
    }

    /** This broker, as the cluster knows it, or knew it last. Any thread. */
    Incarnation self() {
        return life.self();
    }

    /** What has become of a broker. Any thread. */
    Fate fate(Incarnation broker) {
        return broker.equals(self()) ? Fate.HERE : brokers.fate(broker);
    }

    /** Whether enough brokers are there to agree on anything. Any thread. */
    boolean isMajorityThere() {
        return isMajorityThere;
    }

    /** Lets others lead what this broker leads, and then decide what it decides, if that does not take too long. Any thread. */
    void leave() {
        if (life.isReady() && settings.members().size() > 1) {
            life.wantToStop();
            inside.lanes().signal();
            inside.callerWait().until(() -> life.mayStop() || !isMajorityThere, settings.leaveTimeout(), null);
            onLane(() -> log.handOver(nowNs));
            inside.callerWait().until(() -> !isController() || !isMajorityThere, settings.leaveTimeout(), null);
        }
    }

    private boolean isController() {
        return gauges.controllerId() == settings.brokerId();
    }
}
