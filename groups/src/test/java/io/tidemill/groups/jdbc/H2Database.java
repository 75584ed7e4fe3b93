package io.tidemill.groups.jdbc;

import io.tidemill.TopicPartition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** A database with an application's table of results, of which none refuses doubles. */
final class H2Database implements AutoCloseable {
    private static final AtomicInteger OPENED = new AtomicInteger();

    private final JdbcDataSource dataSource = new JdbcDataSource();
    /** A database goes with its last connection. */
    private final Connection keeper;

    private H2Database(String url) throws SQLException {
        // Whoever waits for a lock waits for another thread of the test, however slow the machine.
        dataSource.setURL(url + ";LOCK_TIMEOUT=120000");
        keeper = dataSource.getConnection();
        execute("CREATE TABLE IF NOT EXISTS results (topic VARCHAR(249), partition_number INTEGER, record BIGINT)");
    }

    static H2Database inMemory() throws SQLException {
        return new H2Database("jdbc:h2:mem:offsets-" + OPENED.incrementAndGet());
    }

    static H2Database at(Path file) throws SQLException {
        return new H2Database("jdbc:h2:file:" + file.toAbsolutePath());
    }

    DataSource dataSource() {
        return dataSource;
    }

    Connection begin() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }

    static void insertResult(Connection connection, TopicPartition partition, long record) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO results VALUES (?, ?, ?)")) {
            insert.setString(1, partition.topic());
            insert.setInt(2, partition.partition());
            insert.setLong(3, record);
            insert.executeUpdate();
        }
    }

    /** Committed ones, sorted. */
    List<Long> results(TopicPartition partition) throws SQLException {
        return numbers("SELECT record FROM results WHERE topic = '" + partition.topic() + "' AND partition_number = "
                + partition.partition() + " ORDER BY record");
    }

    /** Returns as soon as one transaction waits for another, which is what the work has to do before it is done. */
    void awaitBlocked(CompletableFuture<?> work) throws SQLException {
        while (numbers("SELECT session_id FROM information_schema.sessions WHERE blocker_id IS NOT NULL")
                .isEmpty()) {
            if (work.isDone()) {
                throw new AssertionError("did not wait for another transaction: " + work);
            }
            Thread.onSpinWait();
        }
    }

    List<Long> numbers(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            List<Long> numbers = new ArrayList<>();
            while (found.next()) {
                numbers.add(found.getLong(1));
            }
            return numbers;
        }
    }

    @Override
    public void close() throws SQLException {
        keeper.close();
    }
}
