package io.tidemill.lane;

import io.tidemill.LaneMetrics;
import io.tidemill.TopicSettings;
import io.tidemill.batch.RecordLayout;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.metrics.Telemetry;
import io.tidemill.ring.ProduceRing;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.DueTime;
import io.tidemill.runtime.TimedAgent;
import io.tidemill.spi.Clock;
import io.tidemill.spi.PartitionLog;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.collections.ArrayUtil;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The single writer of its partitions. One duty cycle takes what waits in the ring, which makes one batch for each
 * partition that something waits for, and appends those batches: under load batches grow by themselves, and without
 * load nothing waits for anything. Where a topic wants its batches to linger, they stay open over duty cycles until they are
 * due, and {@link #idleNsMax} tells when that is.
 *
 * <p>One thread at a time runs the duty cycle; partitions may be added by another.
 */
public final class Lane implements TimedAgent {
    /** So many are taken at a time; for a few partitions larger batches were not faster, and would be late. */
    static final int RUNS_AT_A_TIME = 1024;

    /** More of those who wait for batches that linger would leave too little room for the answers to others. */
    private static final int ANSWERS_OWED_MAX = DeliveryQueue.CAPACITY / 2;

    private final String name;
    private final Clock clock;
    private final Telemetry telemetry;
    private final ProduceRing ring;
    private final DeliveryQueue deliveries;
    private final ProduceRing.RunHandler onRun = this::onRun;
    private final IntUnaryOperator drain = this::drain;
    private final AtomicReference<PartitionWriter[]> writers = new AtomicReference<>(new PartitionWriter[0]);

    private final Consumer<PartitionWriter> append = this::append;
    private final BegunBatches begun = new BegunBatches();

    private final SpareBatches spareBatches;
    private final BatchCompressor compressor = new BatchCompressor();
    private final GroupCommit groupCommit;
    private final LateFlushes lateFlushes = new LateFlushes();
    private final Queue<Removal> removals = new ManyToOneConcurrentLinkedQueue<>();
    private long nowMs;
    private long nowNs;
    private final long retentionCheckNs;
    private long lastRetentionCheckNs;

    /** Null where partitions are written, and not followed. */
    private final @Nullable FollowRound followRound;

    private final DueTime dueTime = new DueTime();

    /** Whether answers are owed that others have to give first. */
    private volatile boolean isOwing;

    private volatile @Nullable Throwable failure;

    private record Removal(Partition partition, Runnable onRemoved) {}

    public Lane(
            String name,
            Clock clock,
            Telemetry telemetry,
            ProduceRing ring,
            DeliveryQueue deliveries,
            Duration retentionCheckInterval) {
        this(name, clock, telemetry, ring, deliveries, retentionCheckInterval, null);
    }

    private Lane(
            String name,
            Clock clock,
            Telemetry telemetry,
            ProduceRing ring,
            DeliveryQueue deliveries,
            Duration retentionCheckInterval,
            @Nullable FollowRound followRound) {
        this.name = name;
        this.clock = clock;
        this.telemetry = telemetry;
        this.groupCommit = new GroupCommit(clock);
        this.ring = ring;
        this.spareBatches = new SpareBatches(ring.capacityBytes());
        this.deliveries = deliveries;
        this.retentionCheckNs = retentionCheckInterval.toNanos();
        this.lastRetentionCheckNs = clock.nowNs();
        this.followRound = followRound;
    }

    /** One that writes nothing, and publishes what another broker writes. */
    public static Lane follower(
            String name, Clock clock, Telemetry telemetry, ProduceRing ring, DeliveryQueue deliveries) {
        return new Lane(name, clock, telemetry, ring, deliveries, Duration.ZERO, new FollowRound(clock));
    }

    /** One whose log nobody else has a copy of. Any thread, one at a time. */
    public Partition add(String topic, int index, TopicSettings settings, PartitionLog log) {
        return add(topic, index, settings, log, Appenders.LOCAL);
    }

    /** Any thread, one at a time. */
    public Partition add(String topic, int index, TopicSettings settings, PartitionLog log, Appenders appenders) {
        int slot = writers.get().length;
        Partition partition = new Partition(telemetry.newProbe(topic, index), settings, this, slot, log);
        LogWriter logWriter = new LogWriter(partition, lateFlushes);
        Appender appender = appenders.newAppender(partition, logWriter, compressor);
        // Set before the partition is known to anyone, so no run of it can reach the lane earlier.
        writers.set(ArrayUtil.add(writers.get(), new PartitionWriter(partition, logWriter, appender, spareBatches)));
        return partition;
    }

    /** Whether the partition was added here. Any thread. */
    public boolean has(Partition partition) {
        PartitionWriter[] all = writers.get();
        return partition.slot() < all.length && all[partition.slot()].partition() == partition;
    }

    /**
     * Lets go of a partition whose topic is gone, soon: closes its log, and refuses what still comes.
     *
     * @param onRemoved called by the lane, when it does not touch the log any more
     */
    public void remove(Partition partition, Runnable onRemoved) {
        removals.add(new Removal(partition, onRemoved));
        ring.signal();
    }

    @Override
    public int doWork() {
        if (failure != null) {
            return 0;
        }
        if (followRound != null) {
            return followRound.follow(writers.get()) + removeAsked();
        }
        nowNs = clock.nowNs();
        checkRetention();
        lateFlushes.flushDue(nowNs);
        boolean isTaking = !ring.isEmpty() && hasRoom();
        int written = 0;
        if (isTaking || begun.isAnyDue(nowNs)) {
            try {
                written = write(isTaking);
            } catch (Throwable cause) {
                stop(cause);
                throw new AgentTerminationException(cause);
            }
        }
        // Also those that somebody else answered, in between.
        if (spareBatches.takeAnswered() || written > 0) {
            deliveries.signal();
        }
        planWaking();
        return written + removeAsked();
    }

    /** Takes what waits in the ring, and appends what is due. */
    private int write(boolean isTaking) {
        nowMs = clock.epochMs();
        int runs = isTaking ? take() : 0;
        boolean isFlushing = begun.isAnyFlushing(nowNs);
        if (isFlushing) {
            runs = groupCommit.gather(runs, drain);
        }
        int appended = appendDue();
        if (isFlushing) {
            groupCommit.onFlushed(runs);
        }
        return Math.max(runs, appended);
    }

    /** Takes what waits in the ring by now: all of it, if it makes small batches. */
    private int take() {
        long end = ring.claimedPosition();
        int runs = 0;
        int taken;
        do {
            taken = ring.drain(onRun, RUNS_AT_A_TIME);
            runs += taken;
        } while (taken > 0 && ring.readPosition() < end && begun.areSmall() && hasRoom());
        return runs;
    }

    /** Whether answers can be given to all that may be taken, and what waits for others is not more than the ring holds. */
    private boolean hasRoom() {
        return deliveries.hasRoomFor(begun.answersOwed() + spareBatches.answersOwed() + RUNS_AT_A_TIME)
                && spareBatches.bytesOwed() < ring.capacityBytes();
    }

    /** Appends the batches that are due, all of them if too many wait for an answer, and keeps the others. */
    private int appendDue() {
        boolean areAllDue = begun.answersOwed() > ANSWERS_OWED_MAX;
        return begun.takeDue(areAllDue, nowNs, append);
    }

    private void append(PartitionWriter writer) {
        writer.append(nowMs, nowNs);
    }

    private void planWaking() {
        dueTime.begin();
        begun.addDueTimes(dueTime);
        lateFlushes.addDueTimes(dueTime);
        dueTime.publish();
        boolean isOwingNow = spareBatches.answersOwed() > 0;
        if (isOwing != isOwingNow) {
            isOwing = isOwingNow;
        }
    }

    @Override
    public long idleNsMax() {
        return dueTime.remainingNs(clock.nowNs());
    }

    /** Between two batches. The slots stay: a run that was claimed earlier must not get into another partition. */
    private int removeAsked() {
        int count = 0;
        for (Removal removal = removals.peek(); removal != null; removal = removals.peek()) {
            PartitionWriter writer = writers.get()[removal.partition().slot()];
            if (writer.hasBatch()) {
                // It lingered up to this moment; the next duty cycle finds it due.
                break;
            }
            removals.poll();
            writer.close(writer.partition().removed());
            writer.log().close();
            removal.onRemoved().run();
            count++;
        }
        return count;
    }

    private int drain(int runsMax) {
        return ring.drain(onRun, runsMax);
    }

    private void checkRetention() {
        if (nowNs - lastRetentionCheckNs >= retentionCheckNs) {
            lastRetentionCheckNs = nowNs;
            for (PartitionWriter writer : writers.get()) {
                writer.log().deleteOld();
            }
        }
    }

    private void onRun(int partitionSlot, DirectBuffer buffer, int index, int length, @Nullable RunSink sink) {
        PartitionWriter writer = writers.get()[partitionSlot];
        if (writer.partition().isRemoved()) {
            if (sink != null) {
                sink.onFailed(
                        RecordLayout.count(buffer, index, length),
                        writer.partition().removed());
            }
            return;
        }
        if (!writer.hasBatch()) {
            begun.add(writer);
        }
        writer.take(buffer, index, length, sink, nowMs, nowNs);
    }

    /** Something happened that cannot: better no writer than one that goes on from an unknown state. */
    private void stop(Throwable cause) {
        failure = cause;
        ring.close();
        RuntimeException answer = new BrokerClosedException("the lane stopped: lane=" + name, cause);
        begun.takeAll(writer -> {
            if (writer.hasBatch()) {
                writer.fail(answer);
            }
        });
        closeAll(answer);
        lateFlushes.clear();
        planWaking();
        failWaiting(answer);
    }

    private void closeAll(RuntimeException cause) {
        for (PartitionWriter writer : writers.get()) {
            writer.close(cause);
        }
    }

    /** Answers whatever still lies in the ring. */
    private void failWaiting(RuntimeException answer) {
        ProduceRing.RunHandler refuse = (slot, buffer, index, length, sink) -> {
            if (sink != null) {
                sink.onFailed(RecordLayout.count(buffer, index, length), answer);
            }
        };
        while (ring.drain(refuse, RUNS_AT_A_TIME) > 0 || ring.unblock()) {
            deliveries.signal();
        }
    }

    /** From now on nothing comes in; what came in before goes its way. Any thread. */
    public void stopAccepting() {
        ring.close();
    }

    /**
     * All that came in was read, and what others have to have first is answered; the rest is appended when the current duty
     * cycle ends, or by {@link #onClose}.
     */
    public boolean isDrained() {
        return ring.isEmpty() && !isOwing;
    }

    /** Runs when no duty cycle will follow: what lingers is appended, and what was not even taken in time is refused. */
    @Override
    public void onClose() {
        ring.close();
        nowMs = clock.epochMs();
        nowNs = clock.nowNs();
        try {
            begun.takeAll(append);
        } catch (Throwable cause) {
            stop(cause);
        }
        closeAll(new BrokerClosedException(
                "the broker was closed before it was answered, and the record may be appended or not", failure));
        failWaiting(new BrokerClosedException("the broker was closed before the record was appended", failure));
        CloseHelper.closeAll(compressor, spareBatches);
    }

    ProduceRing ring() {
        return ring;
    }

    DeliveryQueue deliveries() {
        return deliveries;
    }

    Clock clock() {
        return clock;
    }

    /** Whether it takes nothing any more, for whatever reason. Any thread. */
    public boolean isClosed() {
        return ring.isClosed();
    }

    /** Why the lane stopped by itself; null while it did not. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** What it tells of itself. */
    public LaneMetrics metrics() {
        return new LaneGauges(name, ring);
    }

    private record LaneGauges(String name, ProduceRing ring) implements LaneMetrics {
        @Override
        public long ringBytes() {
            return ring.capacityBytes();
        }

        @Override
        public long ringUsedBytes() {
            return ring.usedBytes();
        }
    }

    @Override
    public String roleName() {
        return name;
    }
}
