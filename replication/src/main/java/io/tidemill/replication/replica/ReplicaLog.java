package io.tidemill.replication.replica;

import io.tidemill.batch.BatchLayout;
import io.tidemill.epoch.EpochEnd;
import io.tidemill.epoch.LeaderEpochs;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.idempotence.ProducerHistory;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.lane.LogWriter;
import io.tidemill.lane.Partition;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.StateFile;
import java.util.List;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one replica, and what has to be known of what is in it: who wrote it, and under which leaders.
 *
 * <p>Owned by the lane thread.
 */
final class ReplicaLog {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLog.class);

    private static final String EPOCHS = ".epochs";
    private static final String PRODUCERS = ".producers-0";
    private static final String OTHER_PRODUCERS = ".producers-1";

    private final Partition partition;
    private final MovableLog log;
    private final LogWriter writer;
    private final ProducerHistory producers;
    private final LeaderEpochs epochs;
    private final StateFile epochsFile;
    /** Exclusive; up to there it is as durable as its topic wants it. */
    private long settledEndOffset;
    /** Exclusive; what its leader has said of it while it was not read here. */
    private long committedUnread;

    private ReplicaLog(
            Partition partition,
            MovableLog log,
            LogWriter writer,
            ProducerHistory producers,
            LeaderEpochs epochs,
            StateFile epochsFile) {
        this.partition = partition;
        this.log = log;
        this.writer = writer;
        this.producers = producers;
        this.epochs = epochs;
        this.epochsFile = epochsFile;
        this.settledEndOffset = writer.endOffset();
    }

    /** Of a log that was opened just now, under that name. */
    static ReplicaLog open(
            Partition partition, MovableLog log, String name, LogWriter writer, LogStore store, long nowMs) {
        StateFile epochsFile = store.stateFile(name + EPOCHS);
        LeaderEpochs epochs = epochs(log.kept(), epochsFile, writer.endOffset());
        ProducerHistory producers = ProducerHistory.open(
                log.kept(), store.stateFile(name + PRODUCERS), store.stateFile(name + OTHER_PRODUCERS), nowMs);
        return new ReplicaLog(partition, log, writer, producers, epochs, epochsFile);
    }

    /** From the file, or else from the headers of the log. */
    private static LeaderEpochs epochs(PartitionLog log, StateFile file, long endOffset) {
        try {
            byte[] written = file.read();
            if (written != null) {
                LeaderEpochs epochs = LeaderEpochs.decode(written);
                // It is written in front of the records, so it may know of more than there is.
                epochs.truncateFromEnd(endOffset);
                return epochs;
            }
        } catch (CorruptRecordException e) {
            LOG.warn("leader epochs are read again from the log: log={}, reason={}", log, e.toString());
        }
        LeaderEpochs epochs = new LeaderEpochs();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(endOffset)) {
                epochs.onBatch(cursor.buffer(), cursor.batchIndex());
            }
        }
        if (epochs.lastEpoch() != BatchLayout.NO_LEADER_EPOCH) {
            file.write(epochs.encode());
        }
        return epochs;
    }

    /** Of a log that nobody has open. What is beside it goes first: it would not be found without it. */
    static void delete(String name, LogStore store) {
        for (String suffix : List.of(EPOCHS, PRODUCERS, OTHER_PRODUCERS)) {
            store.stateFile(name + suffix).delete();
        }
        store.deleteLog(name);
    }

    long startOffset() {
        return log.kept().startOffset();
    }

    long endOffset() {
        return writer.endOffset();
    }

    long settledEndOffset() {
        return settledEndOffset;
    }

    int lastEpoch() {
        return epochs.lastEpoch();
    }

    /** As {@link LeaderEpochs#endOffsetFor}. */
    EpochEnd endOffsetFor(int epoch) {
        return epochs.endOffsetFor(epoch, endOffset());
    }

    ProducerStates producers() {
        return producers.states();
    }

    LogCursor newCursor() {
        return log.kept().newCursor();
    }

    /**
     * Appends a finished batch that lies at index 0. Behind this, {@link #settle} is to be called.
     *
     * @throws io.tidemill.errors.TidemillException when nothing was appended
     */
    void append(DirectBuffer batch, long nowMs, long nowNs) {
        long beganNs = partition.probe().beginAppend();
        int epoch = BatchLayout.leaderEpoch(batch, 0);
        if (epoch != epochs.lastEpoch()) {
            beginEpoch(epoch, batch);
        }
        writer.append(batch, beganNs, nowNs);
        producers.onAppended(batch, 0, nowMs);
    }

    /** In front of its first record: a log that says less than it holds would be believed. */
    private void beginEpoch(int epoch, DirectBuffer batch) {
        epochs.onEpoch(epoch, BatchLayout.baseOffset(batch, 0));
        epochsFile.write(epochs.encode());
    }

    /**
     * Makes what was appended as durable as the topic wants it.
     *
     * @throws io.tidemill.errors.TidemillException when it may be so or not
     */
    void settle() {
        writer.flushIfDue();
        settledEndOffset = writer.endOffset();
    }

    /** What is committed up to there can be read here, if that is where it is read. */
    void onCommitted(long committed) {
        if (!log.isReadHere()) {
            committedUnread = committed;
        } else if (committed > partition.committedAcquire()) {
            partition.committedRelease(committed);
            partition.signalWaiting();
        }
    }

    /** It is read here from now on, if it was not. */
    void beginReading() {
        if (log.isReadHere()) {
            return;
        }
        long committed = Math.max(partition.committedAcquire(), committedUnread);
        partition.committedRelease(Math.min(committed, endOffset()));
        log.readKept();
        partition.signalWaiting();
    }

    /** Forgets what lies at that offset or behind it, durably. */
    void truncate(long endOffset, long nowMs) {
        if (log.isReadHere() && partition.committedAcquire() > endOffset) {
            // Only where a leader was elected that did not have everything.
            partition.committedRelease(endOffset);
        }
        producers.truncate(endOffset, nowMs);
        epochs.truncateFromEnd(endOffset);
        settledEndOffset = Math.min(settledEndOffset, endOffset);
    }

    /** Forgets everything and goes on there, durably. */
    void beginAt(long startOffset, long nowMs) {
        boolean isReadHere = log.isReadHere();
        if (isReadHere) {
            // Behind it nobody may read, whether it was committed once or not.
            partition.committedRelease(Math.min(partition.committedAcquire(), startOffset));
        }
        producers.beginAt(startOffset, nowMs);
        settledEndOffset = startOffset;
        if (isReadHere) {
            partition.committedRelease(startOffset);
            partition.signalWaiting();
        }
        epochs.truncateFromEnd(0);
        epochsFile.write(epochs.encode());
    }

    /** Saves what would have to be read again otherwise, if it is time for that. */
    void maintain(long nowMs) {
        producers.states().expire(nowMs);
        if (producers.isSnapshotDue()) {
            producers.takeSnapshot();
        }
    }
}
