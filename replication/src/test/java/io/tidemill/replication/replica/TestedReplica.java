package io.tidemill.replication.replica;

import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.RecordLayout;
import io.tidemill.lane.Lane;
import io.tidemill.lane.Partition;
import io.tidemill.lane.SteppedLane;
import io.tidemill.replication.controller.ClusterRequest.IsrChange;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.replication.controller.PartitionState;
import io.tidemill.ring.RunSink;
import io.tidemill.runtime.CallerWait;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/** One broker's replica of the only partition there is, over memory, with a lane that the test steps. */
final class TestedReplica {
    static final PartitionId ID = new PartitionId(new UUID(1, 2), 0);
    static final String LOG = "t.id-0";

    private final int id;
    private final SetClock clock;
    private final LogStore store;
    private final PartitionLog log;
    private final Lane lane;
    private final Replicas replicas;
    private final Partition partition;
    /** What callers have for the lane thread. */
    private final Deque<Runnable> commands = new ArrayDeque<>();
    /** What its leader asked the controller for. */
    private final List<IsrChange> asked = new ArrayList<>();

    TestedReplica(
            int id,
            SetClock clock,
            Storage storage,
            PeerLinks links,
            ReplicaSettings settings,
            TopicSettings topic,
            PartitionState state,
            CallerWait callerWait) {
        this.id = id;
        this.clock = clock;
        this.store = storage.open(clock);
        RemoteLog remote = new RemoteLog("t-0", callerWait, Duration.ofSeconds(1), commands::add);
        this.log =
                new MovableLog(remote, new StorePlace(topic), state.replicas().contains(id));
        this.lane = SteppedLane.create(clock);
        this.replicas = new Replicas(id, store, clock, links, settings, asked::add);
        replicas.onRegistered(100 + id);
        replicas.onProducerId(1_000 + id);
        this.partition = lane.add(
                "t",
                0,
                topic,
                log,
                (added, writer, compressor) -> replicas.add(ID, LOG, added, writer, compressor, state));
    }

    private final class StorePlace implements MovableLog.Place {
        private final TopicSettings topic;

        StorePlace(TopicSettings topic) {
            this.topic = topic;
        }

        @Override
        public PartitionLog open() {
            return store.openLog(LOG, topic.log());
        }

        @Override
        public void onClosed() {
            // the store closes what is open
        }
    }

    int id() {
        return id;
    }

    Replicas replicas() {
        return replicas;
    }

    PartitionLog log() {
        return log;
    }

    /** Whether its store has one of the partition. */
    boolean hasStoredLog() {
        return store.logNames().contains(LOG);
    }

    List<IsrChange> asked() {
        return asked;
    }

    long highWatermark() {
        return partition.committedAcquire();
    }

    int step() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
        return lane.doWork() + replicas.doWork(clock.epochMs(), clock.nowNs());
    }

    /** Some records as one batch. */
    Sent send(int recordCount) {
        return send(recordCount, new Sent(true, RunSink.ANY_OFFSET));
    }

    /** Which are answered as soon as the leader has them. */
    Sent sendUnreplicated(int recordCount) {
        return send(recordCount, new Sent(false, RunSink.ANY_OFFSET));
    }

    /** The same, in one batch with records of somebody who waits for all. */
    Sent sendUnreplicatedBeside(Sent replicated) {
        claim(1, replicated);
        return sendUnreplicated(1);
    }

    Sent newReplicated() {
        return new Sent(true, RunSink.ANY_OFFSET);
    }

    /** A mark behind what was sent. */
    Sent flush() {
        return send(0, new Sent(true, RunSink.ANY_OFFSET));
    }

    Sent sendAt(long expectedOffset, int recordCount) {
        return send(recordCount, new Sent(true, expectedOffset));
    }

    /** A mark behind what was sent that is answered as soon as the leader has that. */
    Sent flushUnreplicated() {
        return send(0, new Sent(false, RunSink.ANY_OFFSET));
    }

    private Sent send(int recordCount, Sent sink) {
        claim(recordCount, sink);
        // So that it is not one batch with what is sent next.
        lane.doWork();
        return sink;
    }

    private void claim(int recordCount, Sent sink) {
        UnsafeBuffer record = Batches.record(RecordLayout.NO_TIMESTAMP, null, new byte[] {(byte) id});
        int claim = partition.claim(recordCount * record.capacity(), sink);
        for (int i = 0; i < recordCount; i++) {
            partition.claimBuffer().putBytes(claim + i * record.capacity(), record, 0, record.capacity());
        }
        partition.commit(claim);
    }

    /** Of each batch that it has: base offset, leader epoch, producer epoch and base sequence. */
    List<String> headers() {
        List<String> headers = new ArrayList<>();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                headers.add(BatchLayout.baseOffset(cursor.buffer(), cursor.batchIndex())
                        + " of " + BatchLayout.leaderEpoch(cursor.buffer(), cursor.batchIndex())
                        + ": " + BatchLayout.producerEpoch(cursor.buffer(), cursor.batchIndex())
                        + "/" + BatchLayout.baseSequence(cursor.buffer(), cursor.batchIndex()));
            }
        }
        return headers;
    }

    List<String> bytes() {
        List<String> batches = new ArrayList<>();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                batches.add(Batches.hex(Batches.bytes(cursor.buffer(), cursor.batchIndex())));
            }
        }
        return batches;
    }

    void close() {
        store.close();
    }

    /** What became of one run of records. */
    static final class Sent implements RunSink {
        private static final long OPEN = -1;

        private final boolean awaitsReplicas;
        private final long expectedOffset;
        private long offset = OPEN;
        private RuntimeException failure;

        private Sent(boolean awaitsReplicas, long expectedOffset) {
            this.awaitsReplicas = awaitsReplicas;
            this.expectedOffset = expectedOffset;
        }

        boolean isOpen() {
            return offset == OPEN && failure == null;
        }

        long offset() {
            return offset;
        }

        RuntimeException failure() {
            return failure;
        }

        @Override
        public boolean isForOneRun() {
            return true;
        }

        @Override
        public long expectedOffset() {
            return expectedOffset;
        }

        @Override
        public boolean awaitsReplicas() {
            return awaitsReplicas;
        }

        @Override
        public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {
            requireOpen();
            offset = baseOffset;
        }

        @Override
        public void onFailed(int recordCount, RuntimeException cause) {
            requireOpen();
            failure = cause;
        }

        private void requireOpen() {
            if (!isOpen()) {
                throw new AssertionError("answered twice: offset=" + offset + ", failure=" + failure);
            }
        }
    }
}
