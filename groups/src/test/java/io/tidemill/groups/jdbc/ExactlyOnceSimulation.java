package io.tidemill.groups.jdbc;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import io.tidemill.groups.OffsetOwner;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Two members that take turns at owning the partitions of a log, by a seed: they crash between a result and its commit, stop in
 * the middle of a transaction while the other one goes on, and come back as zombies that save, or take over, as if nothing had
 * happened. In the end the table of results must have every record once.
 */
final class ExactlyOnceSimulation {
    private static final UUID TOPIC_ID = new UUID(1, 2);
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 25;
    private static final int BATCH_RECORDS_MAX = 5;

    /** More steps than the log takes, unless nothing goes on any more. */
    private static final int STEPS_MAX = 5_000;

    private final H2Database database;
    private final JdbcOffsetStore store;
    private final SplittableRandom random;
    private final String group;
    private final List<Member> zombies = new ArrayList<>();
    private int epoch;
    private Member member;

    private int crashes;
    private int fenced;
    private int lateCommits;

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(int takeovers, int crashes, int fenced, int lateCommits) {}

    /** A member in one epoch: where it goes on in each partition, and the transaction that it is in. */
    private static final class Member {
        private final OffsetOwner owner;
        private final Map<TopicPartition, Long> positions = new HashMap<>();
        private @Nullable Connection transaction;
        private Map<TopicPartition, Long> unsaved = Map.of();

        private Member(OffsetOwner owner) {
            this.owner = owner;
        }
    }

    ExactlyOnceSimulation(H2Database database, JdbcOffsetStore store, long seed) throws SQLException {
        this.database = database;
        this.store = store;
        this.random = new SplittableRandom(seed);
        this.group = "g" + seed;
        this.member = next();
    }

    Outcome run() throws SQLException {
        database.execute("DELETE FROM results");
        int steps = 0;
        while (!isRead()) {
            if (++steps > STEPS_MAX) {
                throw new AssertionError("the log is not read after " + STEPS_MAX + " steps: " + member.positions);
            }
            step();
        }
        while (!zombies.isEmpty()) {
            comeBack();
        }
        for (TopicPartition partition : partitions()) {
            check(partition);
        }
        return new Outcome(epoch, crashes, fenced, lateCommits);
    }

    private void step() throws SQLException {
        process(member);
        int choice = random.nextInt(100);
        if (choice < 10) {
            crash();
        } else if (choice < 20) {
            stopAndLetTheOtherTakeOver();
        } else if (choice < 25) {
            save(member);
            stopAndLetTheOtherTakeOver();
        } else {
            save(member);
            commit(member);
        }
        if (!zombies.isEmpty() && random.nextInt(4) == 0) {
            comeBack();
        }
    }

    private boolean isRead() {
        return member.positions.values().stream().allMatch(position -> position == RECORDS);
    }

    private static List<TopicPartition> partitions() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new TopicPartition("t", i));
        }
        return partitions;
    }

    private Member next() {
        epoch++;
        Member next = new Member(new OffsetOwner(group, "m" + epoch % 2, epoch));
        takeOver(next);
        return next;
    }

    /** Where nothing is known it begins at the first record. */
    private void takeOver(Member taking) {
        Map<TopicPartition, UUID> wanted = new HashMap<>();
        partitions().forEach(partition -> wanted.put(partition, TOPIC_ID));
        Map<TopicPartition, Long> known = store.takeOver(taking.owner, wanted);
        partitions().forEach(partition -> taking.positions.put(partition, known.getOrDefault(partition, 0L)));
    }

    /** Makes results of the next records of some partitions. */
    private void process(Member processing) throws SQLException {
        Connection transaction = database.begin();
        processing.transaction = transaction;
        Map<TopicPartition, Long> read = new TreeMap<>((left, right) -> left.partition() - right.partition());
        for (TopicPartition partition : partitions()) {
            long position = processing.positions.get(partition);
            long end = Math.min(RECORDS, position + random.nextInt(BATCH_RECORDS_MAX + 1));
            for (long record = position; record < end; record++) {
                H2Database.insertResult(transaction, partition, record);
            }
            if (end > position) {
                read.put(partition, end);
            }
        }
        processing.unsaved = read;
    }

    private void save(Member saving) {
        store.save(saving.transaction, saving.owner, saving.unsaved);
        saving.positions.putAll(saving.unsaved);
        saving.unsaved = Map.of();
    }

    private void commit(Member committing) throws SQLException {
        try (Connection transaction = committing.transaction) {
            transaction.commit();
        }
    }

    /** The database rolls back what a process leaves behind. The member takes over again, in its epoch or as somebody new. */
    private void crash() throws SQLException {
        crashes++;
        if (random.nextBoolean()) {
            save(member);
        }
        rollBack(member);
        if (random.nextBoolean()) {
            takeOver(member);
        } else {
            member = next();
        }
    }

    private static void rollBack(Member failing) throws SQLException {
        try (Connection transaction = failing.transaction) {
            transaction.rollback();
        }
    }

    private void stopAndLetTheOtherTakeOver() throws SQLException {
        if (!member.unsaved.isEmpty()) {
            zombies.add(member);
        } else if (random.nextBoolean()) {
            // It holds the locks of its rows: the takeover waits for one of these two.
            lateCommits++;
            commit(member);
        } else {
            rollBack(member);
        }
        member = next();
    }

    /** A zombie goes on where it stopped. */
    private void comeBack() throws SQLException {
        Member zombie = zombies.remove(random.nextInt(zombies.size()));
        try {
            save(zombie);
            commit(zombie);
        } catch (FencedOffsetException e) {
            fenced++;
            rollBack(zombie);
        }
        try {
            takeOver(zombie);
            throw new AssertionError("a zombie took over: " + zombie.owner);
        } catch (FencedOffsetException e) {
            fenced++;
        }
    }

    private void check(TopicPartition partition) throws SQLException {
        List<Long> all = new ArrayList<>();
        for (long record = 0; record < RECORDS; record++) {
            all.add(record);
        }
        List<Long> results = database.results(partition);
        if (!results.equals(all)) {
            throw new AssertionError("not every record once: partition=" + partition + ", results=" + results);
        }
    }
}
