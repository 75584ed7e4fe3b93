package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.TidemillException;
import io.tidemill.lane.Appender;
import io.tidemill.lane.GatheredBatch;
import io.tidemill.lane.Partition;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.spi.Clock;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A partition at one broker of a cluster: what its callers send goes to the leader, wherever that is, and if it keeps the
 * partition itself, it leads or follows.
 *
 * <p>Owned by the lane thread.
 */
final class Replica implements Appender {
    private final ReplicaPlace place;
    private final Partition partition;
    private final Keeping keeping;
    private final BatchCompressor compressor;
    private final Outbox outbox;
    private PartitionState state;
    /** At most one of them, and none while nobody leads. */
    private @Nullable Leading leading;

    private @Nullable Following following;
    /** For others that do not keep it, while this broker leads. */
    private @Nullable Serving serving;
    /** For callers of this broker, while it does not have everything itself. */
    private final Reading reading;

    private final UnsafeBuffer incoming = new UnsafeBuffer(0, 0);
    private final EarlyMessages early = new EarlyMessages();
    private final AppendReplies replies = new AppendReplies();

    private long nowMs;
    private long nowNs;

    Replica(ReplicaPlace place, Keeping keeping, BatchCompressor compressor, Clock clock, PartitionState state) {
        this.place = place;
        this.partition = place.partition();
        this.keeping = keeping;
        this.compressor = compressor;
        this.outbox = new Outbox(partition, place.settings());
        this.state = state;
        this.nowMs = clock.epochMs();
        this.nowNs = clock.nowNs();
        this.reading = new Reading(place, keeping.remote());
        meetLeader();
    }

    // ---- what the cluster says

    /** This broker has another epoch from now on. */
    void onRegistered(long newNowNs) {
        nowNs = newNowNs;
        takeRole();
        takeReaders();
        // A leader that begins anew has forgotten what it was asked.
        outbox.onLeaderLost();
    }

    void onProducerId(long producerId) {
        outbox.onProducerId(producerId);
    }

    void onState(PartitionState newState, long newNowMs, long newNowNs) {
        nowMs = newNowMs;
        nowNs = newNowNs;
        boolean isNewLeader = newState.leaderEpoch() != state.leaderEpoch();
        state = newState;
        boolean isMoved = moveLog();
        if (isMoved || isNewLeader) {
            meetLeader();
        } else if (leading != null) {
            leading.onState(newState, nowNs);
        }
        if (isNewLeader) {
            outbox.onLeaderLost();
            early.onEpoch(state.leaderEpoch(), this::onMessage);
        }
    }

    private void meetLeader() {
        takeRole();
        takeReaders();
        reading.onLeader(state.hasLeader(), state.leader(), state.leaderEpoch());
    }

    /** Answers whether it is kept here now and was not, or the other way round. */
    private boolean moveLog() {
        if (keeping.isToEnd(state)) {
            endRole();
            takeReaders();
            keeping.end();
            return true;
        }
        return keeping.tryBegin(state, nowMs, nowNs);
    }

    private void endRole() {
        if (leading != null) {
            leading.close();
        }
        leading = null;
        following = null;
    }

    private void takeRole() {
        endRole();
        partition.endUncertain(true);
        ReplicaLog log = keeping.log();
        // What it was before it registered, its former incarnation was, which may have had more records.
        if (log == null || !state.hasLeader() || !place.isRegistered()) {
            return;
        }
        if (state.leader() == place.selfId()) {
            log.beginReading();
            leading = new Leading(place, log, state, nowNs);
        } else if (state.replicas().contains(place.selfId())) {
            following = new Following(place, log, state.leader(), state.leaderEpoch(), nowNs);
        }
    }

    /** Those of the same epoch stay: they rely on it. */
    private void takeReaders() {
        if (serving != null && (leading == null || serving.epoch() != leading.epoch())) {
            serving.close();
            serving = null;
        }
        ReplicaLog log = keeping.log();
        if (leading != null && log != null && serving == null) {
            serving = new Serving(place, log, leading.epoch());
        }
    }

    /** The controller does not change which replicas are in sync. */
    void onIsrRefused(int partitionEpoch, boolean isLast) {
        if (leading != null && partitionEpoch == state.partitionEpoch()) {
            leading.onIsrRefused(isLast);
        }
    }

    void onDisconnected(int brokerId) {
        replies.onDisconnected(brokerId);
        early.onDisconnected(brokerId);
        if (leading != null) {
            leading.onDisconnected(brokerId);
        }
        if (following != null) {
            following.onDisconnected(brokerId);
        }
        if (serving != null) {
            serving.onUnwatch(brokerId);
        }
        reading.onDisconnected(brokerId);
        if (brokerId == state.leader()) {
            outbox.onLeaderLost();
        }
    }

    // ---- what callers of this broker send

    @Override
    public boolean isReady() {
        return outbox.isReady();
    }

    @Override
    public void append(GatheredBatch batch, long newNowMs, long newNowNs) {
        nowMs = newNowMs;
        nowNs = newNowNs;
        UnsafeBuffer bytes = null;
        if (batch.recordCount() > 0) {
            try {
                bytes = finish(batch);
            } catch (TidemillException e) {
                batch.fail(e);
                return;
            }
        }
        outbox.add(batch, bytes, nowNs);
        outbox.send(this::route, nowMs, nowNs);
    }

    /** In memory of the batch, or in memory of its own. */
    private UnsafeBuffer finish(GatheredBatch batch) {
        DirectBuffer stored = batch.finish(0, nowMs, compressor, partition.settings());
        int length = BatchLayout.frameLength(stored, 0);
        if (BatchLayout.codec(stored, 0) == BatchLayout.CODEC_NONE) {
            return new UnsafeBuffer(stored, 0, length);
        }
        byte[] copy = new byte[length];
        stored.getBytes(0, copy);
        return new UnsafeBuffer(copy);
    }

    private boolean route(MutableDirectBuffer batch, boolean awaitsCommit, long expectedOffset) {
        if (leading != null) {
            leading.append(batch, awaitsCommit, expectedOffset, this::onOwnAnswer, nowMs, nowNs);
            return true;
        }
        return state.hasLeader()
                && state.leader() != place.selfId()
                && place.sender().append(state.leader(), state.leaderEpoch(), awaitsCommit, expectedOffset, batch);
    }

    private void onOwnAnswer(AppendAnswer answer) {
        outbox.onAnswer(answer, nowMs, nowNs);
    }

    @Override
    public void close(RuntimeException cause) {
        outbox.failAll(cause);
        if (leading != null) {
            leading.close();
        }
        if (serving != null) {
            serving.close();
        }
    }

    // ---- what other brokers say

    void onMessage(int fromId, DirectBuffer buffer, int message, int length, long newNowMs, long newNowNs) {
        nowMs = newNowMs;
        nowNs = newNowNs;
        int epoch = ReplicaMessageLayout.leaderEpoch(buffer, message);
        if (epoch > state.leaderEpoch()
                && isToLeader(ReplicaMessageLayout.kind(buffer, message))
                && early.keep(fromId, epoch, buffer, message, length)) {
            return;
        }
        long offset = ReplicaMessageLayout.offset(buffer, message);
        int number = ReplicaMessageLayout.number(buffer, message);
        long attempt = ReplicaMessageLayout.attempt(buffer, message);
        int body = message + ReplicaMessageLayout.HEADER_LENGTH;
        int bodyLength = length - ReplicaMessageLayout.HEADER_LENGTH;
        switch (ReplicaMessageLayout.kind(buffer, message)) {
            case ReplicaMessageLayout.FOLLOW -> {
                if (leading != null && leading.epoch() == epoch) {
                    leading.onFollow(
                            fromId, attempt, number, offset, ReplicaMessageLayout.detail(buffer, message), nowNs);
                }
            }
            case ReplicaMessageLayout.ACK -> {
                if (leading != null && leading.epoch() == epoch) {
                    leading.onAck(fromId, offset, nowNs);
                }
            }
            case ReplicaMessageLayout.DIVERGED -> {
                if (following != null && follows(fromId, epoch)) {
                    following.onDiverged(attempt, number, offset, nowMs, nowNs);
                }
            }
            case ReplicaMessageLayout.BEGIN -> {
                if (following != null && follows(fromId, epoch)) {
                    following.onBegin(attempt, offset, nowMs, nowNs);
                }
            }
            case ReplicaMessageLayout.BATCHES -> {
                if (following != null && follows(fromId, epoch)) {
                    following.onBatches(
                            attempt,
                            offset,
                            ReplicaMessageLayout.detail(buffer, message),
                            buffer,
                            body,
                            bodyLength,
                            nowMs,
                            nowNs);
                }
            }
            case ReplicaMessageLayout.APPEND -> onAppend(fromId, buffer, message, body, bodyLength);
            case ReplicaMessageLayout.APPENDED -> {
                if (isLedBy(fromId, epoch)) {
                    outbox.onAnswer(
                            new AppendAnswer(
                                    ReplicaMessageLayout.producerId(buffer, message),
                                    ReplicaMessageLayout.producerEpoch(buffer, message),
                                    number,
                                    AppendCode.of(ReplicaMessageLayout.code(buffer, message)),
                                    offset,
                                    ReplicaMessageLayout.detail(buffer, message)),
                            nowMs,
                            nowNs);
                }
            }
            case ReplicaMessageLayout.WATCH, ReplicaMessageLayout.UNWATCH, ReplicaMessageLayout.FETCH -> {
                if (serving != null && serving.epoch() == epoch) {
                    serving.onMessage(fromId, buffer, message);
                }
            }
            case ReplicaMessageLayout.BOUNDS, ReplicaMessageLayout.FETCHED -> {
                if (reading.hears(fromId, epoch)) {
                    reading.onMessage(buffer, message, body, bodyLength);
                }
            }
            default ->
                throw new IllegalArgumentException("message of an unknown kind: kind="
                        + ReplicaMessageLayout.kind(buffer, message) + ", from=" + fromId);
        }
    }

    /** One that came early. */
    private void onMessage(int fromId, DirectBuffer bytes) {
        onMessage(fromId, bytes, 0, bytes.capacity(), nowMs, nowNs);
    }

    private static boolean isToLeader(byte kind) {
        return switch (kind) {
            case ReplicaMessageLayout.FOLLOW,
                    ReplicaMessageLayout.APPEND,
                    ReplicaMessageLayout.WATCH,
                    ReplicaMessageLayout.UNWATCH,
                    ReplicaMessageLayout.FETCH -> true;
            default -> false;
        };
    }

    private boolean follows(int fromId, int epoch) {
        return following != null && following.epoch() == epoch && following.leaderId() == fromId;
    }

    /** Everything was sent again to another one, which answers, too. */
    private boolean isLedBy(int brokerId, int epoch) {
        return state.leader() == brokerId && state.leaderEpoch() == epoch;
    }

    /** Whoever asks for it: the producer's numbers tell what came twice. */
    private void onAppend(int fromId, DirectBuffer buffer, int message, int body, int bodyLength) {
        if (!BatchLayout.isPlausible(buffer, body, bodyLength)
                || BatchLayout.frameLength(buffer, body) != bodyLength
                || BatchLayout.baseSequence(buffer, body) < 0) {
            throw new CorruptRecordException("no batch to append: partition=" + partition + ", from=" + fromId);
        }
        incoming.wrap(buffer, body, bodyLength);
        int epoch = ReplicaMessageLayout.leaderEpoch(buffer, message);
        if (leading == null) {
            answer(fromId, epoch, Leading.answer(incoming, AppendCode.NOT_LEADER, 0, 0));
            return;
        }
        leading.append(
                incoming,
                ReplicaMessageLayout.code(buffer, message) == ReplicaMessageLayout.WHEN_COMMITTED,
                ReplicaMessageLayout.offset(buffer, message),
                answer -> answer(fromId, epoch, answer),
                nowMs,
                nowNs);
    }

    private void answer(int brokerId, int leaderEpoch, AppendAnswer answer) {
        replies.add(place.sender(), brokerId, leaderEpoch, answer);
    }

    // ---- from time to time

    /** What could not be done at once, or is due. Answers whether there was something. */
    int doWork(long newNowMs, long newNowNs) {
        nowMs = newNowMs;
        nowNs = newNowNs;
        int work = replies.send();
        if (leading != null) {
            work += leading.doWork(nowNs);
        }
        if (following != null) {
            work += following.doWork(nowNs);
        }
        if (serving != null) {
            work += serving.doWork();
        }
        work += reading.doWork(nowNs);
        if (keeping.isTryingDue(nowNs) && keeping.tryBegin(state, nowMs, nowNs)) {
            meetLeader();
        }
        if (keeping.readIfInSync(state)) {
            work++;
        }
        if (!outbox.isEmpty()) {
            // First: what is sent again may be appended, and then nobody could be told any more why it was refused.
            outbox.expire(nowMs, nowNs);
            work += outbox.send(this::route, nowMs, nowNs);
        }
        return work;
    }

    /** Rarely: what is forgotten, or saved. */
    void maintain() {
        ReplicaLog log = keeping.log();
        if (log != null) {
            log.maintain(nowMs);
        }
    }
}
