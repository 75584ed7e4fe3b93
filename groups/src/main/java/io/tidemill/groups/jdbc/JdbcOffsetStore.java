package io.tidemill.groups.jdbc;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import io.tidemill.errors.StorageException;
import io.tidemill.groups.OffsetOwner;
import io.tidemill.groups.OffsetStore;
import io.tidemill.groups.jdbc.OffsetsTable.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Keeps how far a group has read in a table beside the application's own, and saves it in the application's own transaction: both
 * are there or neither is, so every record counts exactly once in the database, whatever crashes.
 *
 * <pre>{@code
 * JdbcOffsetStore store = JdbcOffsetStore.of(dataSource);
 * store.createTableIfMissing();
 *
 * // Behind each poll; the owner is the member that polled, in the epoch in which it took the partition over.
 * try (Connection connection = dataSource.getConnection()) {
 *     connection.setAutoCommit(false);
 *     try {
 *         insertOrders(connection, records);
 *         store.save(connection, owner, Map.of(partition, lastOffset + 1));
 *         connection.commit();
 *     } catch (SQLException | RuntimeException e) {
 *         connection.rollback();
 *         throw e;
 *     }
 * }
 * }</pre>
 *
 * <p>A member that goes on after others took its partitions over finds out when it saves, at the latest: a row names its owner,
 * and who is not that one changes nothing. A takeover waits for transactions that have saved and are still open, so commit or
 * roll back before the next poll, and do not let a transaction wait for anything else.
 *
 * <p>Runs on any database with transactions and row counts, H2, PostgreSQL, MySQL and SQLite among them. Where text is compared
 * without regard to case (MySQL's default), names of groups and topics that differ in nothing else are the same; then create the
 * table yourself, from {@link #ddl()} and with a binary collation. A driver must count the rows that were found, not those that
 * were changed (MySQL's {@code useAffectedRows=false}, its default).
 *
 * <p>Thread-safe.
 */
public final class JdbcOffsetStore implements OffsetStore {
    private static final String DEFAULT_TABLE = "tidemill_offsets";

    /** Each one that is lost means that another member was first, and of those there are few at a time. */
    private static final int ATTEMPTS_MAX = 10;

    private static final Comparator<TopicPartition> BY_NAME =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final DataSource dataSource;
    private final OffsetsTable table;

    private JdbcOffsetStore(DataSource dataSource, OffsetsTable table) {
        this.dataSource = dataSource;
        this.table = table;
    }

    /**
     * In the table {@code tidemill_offsets}.
     *
     * @param dataSource of the database that the results go to
     * @return a store that opens a connection for each call but {@link #save}, and none now
     */
    public static JdbcOffsetStore of(DataSource dataSource) {
        return new JdbcOffsetStore(dataSource, new OffsetsTable(DEFAULT_TABLE));
    }

    /**
     * In another table.
     *
     * @param table letters, digits and underscores, 63 at most, and no digit first; a schema and a dot may stand in front
     * @return a store like this one
     * @throws IllegalArgumentException when it is no such name
     */
    public JdbcOffsetStore withTable(String table) {
        return new JdbcOffsetStore(dataSource, new OffsetsTable(table));
    }

    /**
     * The statement that creates the table, for those who create tables by other means.
     *
     * @return it, without a semicolon
     */
    public String ddl() {
        return table.ddl();
    }

    /**
     * Creates the table. If there is one of that name, it stays as it is.
     *
     * @throws StorageException when the database refuses
     */
    public void createTableIfMissing() {
        commit("table was not created: table=" + table, connection -> {
            table.create(connection);
            return table;
        });
    }

    /**
     * {@inheritDoc}
     *
     * @throws StorageException when the database refuses; whether the partitions were taken over is not known then, and taking
     *     them over again does no harm
     */
    @Override
    public Map<TopicPartition, Long> takeOver(OffsetOwner owner, Map<TopicPartition, UUID> partitions) {
        SortedMap<TopicPartition, UUID> wanted = sorted(partitions);
        return commit(
                "partitions may not have been taken over: partitions=" + wanted.keySet() + ", " + whoIs(owner),
                connection -> claim(connection, owner, wanted));
    }

    private Map<TopicPartition, Long> claim(
            Connection connection, OffsetOwner owner, SortedMap<TopicPartition, UUID> wanted) throws SQLException {
        table.claim(connection, owner, wanted);
        // Read behind the claim: now nobody else can save, and what was saved while it waited is seen.
        Map<TopicPartition, Row> rows = table.rows(connection, owner.group());
        Map<TopicPartition, Long> known = new HashMap<>();
        for (Map.Entry<TopicPartition, UUID> each : wanted.entrySet()) {
            Row row = rows.get(each.getKey());
            if (row != null) {
                checkClaimed(row, owner, each.getKey(), each.getValue());
                if (row.nextOffset() != null) {
                    known.put(each.getKey(), row.nextOffset());
                }
            }
        }
        SortedMap<TopicPartition, UUID> missing = sorted(wanted);
        missing.keySet().removeAll(rows.keySet());
        table.insert(connection, owner, missing);
        return known;
    }

    private static void checkClaimed(Row row, OffsetOwner owner, TopicPartition partition, UUID topicId)
            throws SQLException {
        if (row.isOf(owner, topicId)) {
            return;
        }
        if (row.isClaimableBy(owner)) {
            throw new SQLTransactionRollbackException(
                    "row was inserted behind the claim: partition=" + partition + ", " + whoIs(owner), "40001");
        }
        throw new FencedOffsetException("a later owner has the partition: partition=" + partition + ", ownerMember="
                + row.ownerMember() + ", ownerEpoch=" + row.ownerEpoch() + ", " + whoIs(owner)
                + "; if the group was deleted and begun anew, its epochs are low again: call delete(\"" + owner.group()
                + "\") on the store once");
    }

    /**
     * Saves how far partitions are read, within the transaction of the connection, which is neither committed nor closed. When
     * this throws, roll back: what was made of the records is not to be committed, and some of the positions may be saved
     * already.
     *
     * @param connection with a transaction, to the same database
     * @param owner the member and the epoch with which it took them over
     * @param nextOffsets of each partition the offset behind the last record whose results the transaction commits
     * @throws FencedOffsetException when one of them is another's by now, or was never taken over
     * @throws StorageException when the database refuses, or its driver does not count rows. In a transaction that sees a
     *     snapshot, databases may refuse a row that another took over meanwhile; the next transaction is told whose it is
     * @throws IllegalArgumentException when the connection commits each statement by itself, or an offset is negative
     */
    public void save(Connection connection, OffsetOwner owner, Map<TopicPartition, Long> nextOffsets) {
        nextOffsets.forEach((partition, nextOffset) -> {
            if (nextOffset < 0) {
                throw new IllegalArgumentException(
                        "next offset must not be negative: nextOffset=" + nextOffset + ", partition=" + partition);
            }
        });
        try {
            if (connection.getAutoCommit()) {
                throw new IllegalArgumentException("positions are saved in a transaction: autoCommit=true");
            }
            SortedMap<TopicPartition, Long> sorted = sorted(nextOffsets);
            checkSaved(table.save(connection, owner, sorted), sorted, owner);
        } catch (SQLException e) {
            throw new StorageException(
                    "positions were not saved, roll back: nextOffsets=" + nextOffsets + ", " + whoIs(owner), e);
        }
    }

    private static void checkSaved(int[] counts, SortedMap<TopicPartition, Long> nextOffsets, OffsetOwner owner) {
        List<TopicPartition> fenced = new ArrayList<>();
        int i = 0;
        for (TopicPartition partition : nextOffsets.keySet()) {
            int count = counts[i++];
            if (count == Statement.SUCCESS_NO_INFO) {
                // It could be another's, and nobody would know.
                throw new StorageException("driver does not count the rows of a batch, roll back: partition="
                        + partition + ", " + whoIs(owner));
            }
            if (count == 0) {
                fenced.add(partition);
            }
        }
        if (!fenced.isEmpty()) {
            throw new FencedOffsetException(
                    "partitions are another's by now, roll back: partitions=" + fenced + ", " + whoIs(owner));
        }
    }

    /**
     * Forgets a group: its positions, and who had them. For a group that was deleted, while none of its members runs.
     *
     * @param group its name
     * @throws StorageException when the database refuses
     */
    public void delete(String group) {
        commit("group may not have been deleted: group=" + group, connection -> {
            table.delete(connection, group);
            return group;
        });
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Does it again when another transaction was in the way. */
    private <T> T commit(String failure, Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return commitOnce(work);
            } catch (SQLException e) {
                if (attempt == ATTEMPTS_MAX || !isLostRace(e)) {
                    throw new StorageException(failure + ", table=" + table + ", attempts=" + attempt, e);
                }
            }
        }
    }

    private <T> T commitOnce(Work<T> work) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                connection.setAutoCommit(autoCommit);
                return result;
            } catch (Throwable e) {
                rollBack(connection, autoCommit, e);
                throw e;
            }
        }
    }

    private static void rollBack(Connection connection, boolean autoCommit, Throwable failure) {
        try {
            connection.rollback();
            // Not without the rollback: switching it on commits.
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    /** SQL's classes: a constraint, here that of the key, and a transaction that the database gave up. */
    private static boolean isLostRace(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("23") || state.startsWith("40"));
    }

    private static <V> SortedMap<TopicPartition, V> sorted(Map<TopicPartition, V> partitions) {
        SortedMap<TopicPartition, V> sorted = new TreeMap<>(BY_NAME);
        sorted.putAll(partitions);
        return sorted;
    }

    private static String whoIs(OffsetOwner owner) {
        return "group=" + owner.group() + ", memberId=" + owner.memberId() + ", epoch=" + owner.epoch();
    }
}
