package io.tidemill.idempotence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.batch.BatchBuilder;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.epoch.LeaderEpochs;
import io.tidemill.errors.StorageException;
import io.tidemill.idempotence.UnreliableFile.Fault;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A random walk of one partition: appends of many producers, repetitions, new epochs, truncations, restarts, losses of what was
 * not flushed, retention, and either compaction or more producers than are remembered. Beside it goes a model that keeps
 * everything. Snapshots fail, are torn off and damaged on the way.
 */
final class ProducerWalk {
    private static final long EXPIRATION_MS = 2_000;
    private static final int PRODUCERS = 20;
    private static final int KEYS = 8;

    private record Snapshot(long offset, NaiveProducers known) {}

    private final RandomGenerator random;
    private final boolean compacts;
    private final int producersMax;
    private final SetClock clock = new SetClock(1_000_000);
    private final LogStore store = Storage.inMemory().open(clock);
    private final LogSettings settings;
    private final PartitionLog log;
    private final UnreliableFile[] files = {new UnreliableFile(), new UnreliableFile()};
    private final BatchBuilder builder = new BatchBuilder();

    private ProducerHistory history;
    private NaiveProducers model;
    /** Every batch that a producer numbered, also if it was compacted away. */
    private final List<NaiveProducers.Batch> appended = new ArrayList<>();
    /** At most two, the older one first. */
    private final List<Snapshot> snapshots = new ArrayList<>();

    private LeaderEpochs epochs = new LeaderEpochs();
    private int leaderEpoch;
    private long committed;
    private int restores;

    ProducerWalk(long seed) {
        random = new SplittableRandom(seed);
        compacts = seed % 2 == 0;
        producersMax = compacts ? PRODUCERS : PRODUCERS / 2;
        CleanupPolicy policy = compacts ? CleanupPolicy.COMPACT_DELETE : CleanupPolicy.DELETE;
        settings = LogSettings.defaults()
                .withSegmentBytes(16 * 1024)
                .withCleanup(new CleanupSettings(policy, 0, 0, 1_000));
        log = store.openLog("log", settings);
        restart();
    }

    void run(int steps) {
        for (int step = 0; step < steps; step++) {
            step();
            checkSome();
            if (step % 10 == 0) {
                assertEquals(model.toString(), States.text(history.states()));
            }
        }
        restart();
        store.close();
        builder.close();
    }

    /** How often the log was read again. */
    int restores() {
        return restores;
    }

    private void step() {
        int what = random.nextInt(1_000);
        if (what < 20) {
            history.states().expire(clock.epochMs());
            model.expire(clock.epochMs());
        } else if (what < 35) {
            truncate();
        } else if (what < 45) {
            restart();
        } else if (what < 50) {
            loseTheTail();
        } else if (what < 55) {
            files[random.nextInt(2)].damage();
            dropLostSnapshots();
            restart();
        } else if (what < 60) {
            // Sometimes nearly all, and every snapshot lies below what is left.
            log.alter(settings.withRetentionBytes(random.nextInt(3) == 0 ? 1_000 : 300_000));
            log.deleteOld();
            committed = Math.max(committed, log.startOffset());
            appended.removeIf(batch -> batch.baseOffset() < log.startOffset());
        } else if (what < 65 && compacts) {
            log.compact(committed, () -> false);
        } else if (what < 80) {
            takeSnapshot();
        } else if (what < 100) {
            committed = random.nextLong(committed, log.endOffset() + 1);
        } else if (what < 120) {
            leaderEpoch++;
        } else if (what < 500) {
            clock.advance(random.nextInt(20));
        } else {
            append();
            if (history.isSnapshotDue() && random.nextInt(8) == 0) {
                takeSnapshot();
            }
        }
    }

    private void append() {
        long producerId = random.nextInt(-5, PRODUCERS);
        List<NaiveProducers.Batch> known = model.batchesOf(producerId);
        int epoch =
                known.isEmpty() ? random.nextInt(3) : NaiveProducers.last(known).epoch();
        int baseSequence = known.isEmpty()
                ? random.nextInt(3) * (Integer.MAX_VALUE / 2)
                : (int) NaiveProducers.last(known).nextSequence();
        int chance = random.nextInt(100);
        if (chance < 3) {
            epoch++;
            baseSequence = 0;
        } else if (chance < 5) {
            // The log is right, whatever is in it: near the largest number, or under an epoch that had ended.
            baseSequence = Integer.MAX_VALUE - random.nextInt(10);
            epoch = random.nextInt(3);
        }
        builder.clear();
        int recordCount = random.nextInt(1, 7);
        for (int i = 0; i < recordCount; i++) {
            UnsafeBuffer record = Batches.record(
                    clock.epochMs(), new byte[] {(byte) random.nextInt(KEYS)}, new byte[random.nextInt(40)]);
            builder.add(record, 0, record.capacity(), clock.epochMs());
        }
        builder.stampLeaderEpoch(leaderEpoch);
        if (producerId >= 0) {
            builder.stampProducer(producerId, (short) epoch, baseSequence);
        }
        long baseOffset = log.endOffset();
        builder.finish(baseOffset);
        log.append(builder.buffer(), 0, builder.length());
        history.onAppended(builder.buffer(), 0, clock.epochMs());
        epochs.onBatch(builder.buffer(), 0);
        if (producerId >= 0) {
            NaiveProducers.Batch batch = new NaiveProducers.Batch(
                    producerId, epoch, baseSequence, recordCount, baseOffset, clock.epochMs(), clock.epochMs());
            appended.add(batch);
            model.append(batch);
        }
    }

    private void checkSome() {
        long producerId = random.nextInt(PRODUCERS);
        List<NaiveProducers.Batch> known = model.batchesOf(producerId);
        check(producerId, random.nextInt(4), random.nextInt(3), random.nextInt(1, 4));
        if (!known.isEmpty()) {
            NaiveProducers.Batch last = NaiveProducers.last(known);
            NaiveProducers.Batch former = known.get(random.nextInt(Math.max(0, known.size() - 8), known.size()));
            check(producerId, last.epoch(), (int) last.nextSequence(), 1);
            check(producerId, former.epoch(), former.baseSequence(), former.recordCount());
            check(producerId, former.epoch(), former.baseSequence(), former.recordCount() + 1);
            check(producerId, last.epoch() + 1, random.nextInt(2), 1);
        }
    }

    private void check(long producerId, int epoch, int baseSequence, int recordCount) {
        assertEquals(
                model.check(producerId, epoch, baseSequence, recordCount),
                States.check(history.states(), producerId, epoch, baseSequence, recordCount));
    }

    private void truncate() {
        long toOffset = random.nextLong(committed, log.endOffset() + 1);
        if (toOffset < log.endOffset()) {
            Fault fault = failNext(4);
            try {
                history.truncate(toOffset, clock.epochMs());
            } catch (StorageException e) {
                failNothing();
                if (fault == Fault.AFTER) {
                    forgetTail();
                    restart();
                    return;
                }
                history.truncate(toOffset, clock.epochMs());
            }
            failNothing();
            forgetTail();
            restoreModel();
        } else {
            String before = States.text(history.states());
            history.truncate(toOffset, clock.epochMs());
            assertEquals(before, States.text(history.states()));
        }
    }

    /** The machine crashed, and what was not flushed is gone; snapshots are not. */
    private void loseTheTail() {
        log.truncate(random.nextLong(committed, log.endOffset() + 1));
        forgetTail();
        restart();
    }

    private void forgetTail() {
        appended.removeIf(batch -> batch.baseOffset() >= log.endOffset());
        snapshots.removeIf(snapshot -> snapshot.offset() > log.endOffset());
        epochs.truncateFromEnd(log.endOffset());
        leaderEpoch++;
        // A batch goes as a whole.
        committed = Math.min(committed, log.endOffset());
    }

    private void takeSnapshot() {
        Fault fault = failNext(3);
        boolean isWritten = snapshots.isEmpty() || newest().offset() != log.endOffset();
        try {
            history.takeSnapshot();
        } catch (StorageException e) {
            if (fault == Fault.BEFORE) {
                return;
            }
        }
        failNothing();
        if (isWritten) {
            if (snapshots.size() == 2) {
                snapshots.remove(0);
            }
            snapshots.add(new Snapshot(log.endOffset(), model.copy()));
        }
        if (fault == Fault.AFTER) {
            restart();
        }
    }

    private Fault failNext(int oneOf) {
        Fault fault = random.nextInt(oneOf) > 0 ? Fault.NONE : random.nextBoolean() ? Fault.BEFORE : Fault.AFTER;
        for (UnreliableFile file : files) {
            file.failNext(fault);
        }
        return fault;
    }

    private void failNothing() {
        for (UnreliableFile file : files) {
            file.failNext(Fault.NONE);
        }
    }

    private Snapshot newest() {
        return snapshots.get(snapshots.size() - 1);
    }

    private void dropLostSnapshots() {
        snapshots.removeIf(
                snapshot -> snapshot.offset() != files[0].offset() && snapshot.offset() != files[1].offset());
    }

    /** As after a crash: with what is in the log and in the files. */
    private void restart() {
        failNothing();
        history = ProducerHistory.open(
                log, files[0], files[1], new ProducerStates(EXPIRATION_MS, producersMax), 20_000, clock.epochMs());
        restoreModel();
        checkEpochs();
    }

    private void restoreModel() {
        restores++;
        snapshots.removeIf(snapshot -> snapshot.offset() < log.startOffset() || snapshot.offset() > log.endOffset());
        model = snapshots.isEmpty()
                ? new NaiveProducers(EXPIRATION_MS, producersMax)
                : newest().known().copy();
        long fromOffset = snapshots.isEmpty() ? log.startOffset() : newest().offset();
        for (NaiveProducers.Batch batch : appended) {
            if (batch.baseOffset() >= fromOffset) {
                model.append(batch.seenAt(clock.epochMs()));
            }
        }
        assertEquals(model.toString(), States.text(history.states()));
    }

    /** The table that the headers give is the one that was kept, however the log was compacted. */
    private void checkEpochs() {
        LeaderEpochs read = new LeaderEpochs();
        try (LogCursor cursor = log.newCursor()) {
            while (cursor.next(log.endOffset())) {
                read.onBatch(cursor.buffer(), cursor.batchIndex());
            }
        }
        epochs.truncateFromStart(log.startOffset());
        if (log.startOffset() < log.endOffset()) {
            assertArrayEquals(epochs.encode(), read.encode());
            assertEquals(BatchLayout.NO_LEADER_EPOCH, read.epochOf(log.startOffset() - 1));
        }
        epochs = LeaderEpochs.decode(epochs.encode());
    }
}
