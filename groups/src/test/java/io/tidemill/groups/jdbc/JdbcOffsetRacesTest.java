package io.tidemill.groups.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import io.tidemill.errors.StorageException;
import io.tidemill.groups.OffsetOwner;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several transactions at a time, and transactions that break off. */
class JdbcOffsetRacesTest {
    private static final UUID TOPIC_ID = new UUID(1, 2);
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Map<TopicPartition, UUID> BOTH = Map.of(T0, TOPIC_ID, T1, TOPIC_ID);
    private static final OffsetOwner EARLIER = new OffsetOwner("g", "m1", 3);
    private static final OffsetOwner LATER = new OffsetOwner("g", "m2", 4);
    private static final int MEMBERS = 4;
    private static final int ROUNDS = 50;

    private final ExecutorService threads = Executors.newFixedThreadPool(MEMBERS);
    private H2Database database;
    private JdbcOffsetStore store;

    @BeforeEach
    void open() throws SQLException {
        database = H2Database.inMemory();
        store = JdbcOffsetStore.of(database.dataSource());
        store.createTableIfMissing();
    }

    @AfterEach
    void close() throws SQLException {
        threads.shutdownNow();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTakeoverWaitsForAPositionThatIsSavedAndNotCommitted(boolean isCommitted) throws SQLException {
        store.takeOver(EARLIER, BOTH);
        try (Connection connection = database.begin()) {
            store.save(connection, EARLIER, Map.of(T0, 7L));

            CompletableFuture<Map<TopicPartition, Long>> takeover =
                    CompletableFuture.supplyAsync(() -> store.takeOver(LATER, BOTH), threads);
            database.awaitBlocked(takeover);
            if (isCommitted) {
                connection.commit();
            } else {
                connection.rollback();
            }

            assertEquals(isCommitted ? Map.of(T0, 7L) : Map.of(), takeover.join());
        }
    }

    @Test
    void aTakeoverDoesNotWaitForWhoHasNotSavedYet() throws SQLException {
        store.takeOver(EARLIER, BOTH);
        try (Connection connection = database.begin()) {
            H2Database.insertResult(connection, T0, 0);

            assertEquals(Map.of(), store.takeOver(LATER, BOTH));

            assertThrows(FencedOffsetException.class, () -> store.save(connection, EARLIER, Map.of(T0, 1L)));
        }
    }

    @Test
    void aPositionWaitsForATakeoverAndIsRefusedThen() throws Exception {
        store.takeOver(EARLIER, BOTH);
        CyclicBarrier claimed = new CyclicBarrier(2);
        CyclicBarrier goOn = new CyclicBarrier(2);
        WatchedConnections slow = new WatchedConnections(database.dataSource(), true, (method, call) -> {
            if (method.equals("commit")) {
                claimed.await();
                goOn.await();
            }
            return call.go();
        });
        CompletableFuture<?> takeover = CompletableFuture.runAsync(
                () -> JdbcOffsetStore.of(slow.dataSource()).takeOver(LATER, BOTH), threads);
        claimed.await();

        CompletableFuture<?> saved = CompletableFuture.runAsync(() -> saveAndCommit(EARLIER, Map.of(T0, 7L)), threads);
        database.awaitBlocked(saved);
        goOn.await();

        takeover.join();
        CompletionException e = assertThrows(CompletionException.class, saved::join);
        assertInstanceOf(FencedOffsetException.class, e.getCause());
        assertEquals(Map.of(), store.takeOver(LATER, BOTH));
    }

    /** The latest has them in the end, and who was told that it has them was once. */
    @Test
    void membersRaceForRowsThatAreNotThere() {
        for (int round = 0; round < ROUNDS; round++) {
            String group = "g" + round;
            CyclicBarrier start = new CyclicBarrier(MEMBERS);
            List<CompletableFuture<?>> takeovers = new ArrayList<>();
            for (int epoch = 1; epoch <= MEMBERS; epoch++) {
                OffsetOwner owner = new OffsetOwner(group, "m" + epoch, epoch);
                takeovers.add(CompletableFuture.runAsync(
                        () -> {
                            await(start);
                            store.takeOver(owner, BOTH);
                        },
                        threads));
            }

            takeovers.get(MEMBERS - 1).join();
            for (CompletableFuture<?> takeover : takeovers) {
                takeover.handle((done, e) -> {
                            assertTrue(e == null || e.getCause() instanceof FencedOffsetException, String.valueOf(e));
                            return done;
                        })
                        .join();
            }
            saveAndCommit(new OffsetOwner(group, "m" + MEMBERS, MEMBERS), Map.of(T0, 1L, T1, 1L));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"executeQuery", "executeBatch"})
    void triesAgainWhenAnEarlierMemberInsertsTheRowsFirst(String method) {
        // The second batch is that of the insert: the rows are missing when they are read, and there when they are
        // inserted.
        int which = method.equals("executeBatch") ? 2 : 1;
        int[] calls = new int[1];
        WatchedConnections slow = new WatchedConnections(database.dataSource(), true, (name, call) -> {
            if (name.equals(method) && ++calls[0] == which) {
                store.takeOver(EARLIER, BOTH);
                saveAndCommit(EARLIER, Map.of(T1, 7L));
            }
            return call.go();
        });

        assertEquals(Map.of(T1, 7L), JdbcOffsetStore.of(slow.dataSource()).takeOver(LATER, BOTH));

        assertEquals(2, slow.autoCommitsAtClose().size());
    }

    @Test
    void isFencedWhenALaterMemberInsertsTheRowsFirst() {
        int[] calls = new int[1];
        WatchedConnections slow = new WatchedConnections(database.dataSource(), true, (name, call) -> {
            if (name.equals("executeBatch") && ++calls[0] == 2) {
                store.takeOver(LATER, BOTH);
            }
            return call.go();
        });

        assertThrows(
                FencedOffsetException.class,
                () -> JdbcOffsetStore.of(slow.dataSource()).takeOver(EARLIER, BOTH));
    }

    @Test
    void givesUpWhenSomebodyIsAlwaysInTheWay() {
        WatchedConnections jammed = new WatchedConnections(database.dataSource(), true, (name, call) -> {
            if (name.equals("commit")) {
                throw new SQLException("deadlock", "40P01");
            }
            return call.go();
        });

        StorageException e = assertThrows(
                StorageException.class,
                () -> JdbcOffsetStore.of(jammed.dataSource()).takeOver(EARLIER, BOTH));

        assertTrue(e.getMessage().endsWith("attempts=10"), e.getMessage());
        assertTrue(e.retriable());
        assertEquals(Collections.nCopies(10, true), jammed.autoCommitsAtClose());
        assertEquals(List.of(0L), database("SELECT COUNT(*) FROM tidemill_offsets"));
    }

    /** At call 1, 2, 3 … of a connection or statement, each of which the database may refuse. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTakeoverThatFailsAnywhereLeavesEverythingAsItWas(boolean autoCommit) {
        store.takeOver(EARLIER, Map.of(T0, TOPIC_ID));
        saveAndCommit(EARLIER, Map.of(T0, 7L));
        int failed = 0;
        for (boolean isDone = false; !isDone; ) {
            int failing = failed + 1;
            int[] calls = new int[1];
            boolean[] isCommitted = new boolean[1];
            WatchedConnections broken = new WatchedConnections(database.dataSource(), autoCommit, (name, call) -> {
                if (!name.equals("close") && ++calls[0] == failing) {
                    throw new SQLException("call " + name + " fails", "08006");
                }
                isCommitted[0] |= name.equals("commit");
                return call.go();
            });
            try {
                JdbcOffsetStore.of(broken.dataSource()).takeOver(LATER, BOTH);
                isDone = true;
            } catch (StorageException e) {
                failed++;
                if (!isCommitted[0]) {
                    saveAndCommit(EARLIER, Map.of(T0, 7L));
                    assertEquals(List.of(1L), database("SELECT COUNT(*) FROM tidemill_offsets"), "call " + failing);
                }
            }
            assertEquals(0, broken.open(), "call " + failing);
        }
        assertTrue(failed > 30, "failed=" + failed);
        assertEquals(Map.of(T0, 7L), store.takeOver(LATER, BOTH));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionsGoBackAsTheyCame(boolean autoCommit) {
        WatchedConnections pooled =
                new WatchedConnections(database.dataSource(), autoCommit, (name, call) -> call.go());
        JdbcOffsetStore watched = JdbcOffsetStore.of(pooled.dataSource());

        watched.createTableIfMissing();
        watched.takeOver(LATER, BOTH);
        assertThrows(FencedOffsetException.class, () -> watched.takeOver(EARLIER, BOTH));
        watched.delete("g");

        assertEquals(Collections.nCopies(4, autoCommit), pooled.autoCommitsAtClose());
        assertEquals(List.of(0L), database("SELECT COUNT(*) FROM tidemill_offsets"));
    }

    @Test
    void tellsThatAPositionCouldNotBeSaved() throws SQLException {
        store.takeOver(EARLIER, BOTH);
        WatchedConnections broken = new WatchedConnections(database.dataSource(), false, (name, call) -> {
            if (name.equals("executeBatch")) {
                throw new SQLException("disk full", "53100");
            }
            return call.go();
        });

        try (Connection connection = broken.connect()) {
            StorageException e =
                    assertThrows(StorageException.class, () -> store.save(connection, EARLIER, Map.of(T0, 7L)));
            assertEquals(
                    "positions were not saved, roll back: nextOffsets={t-0=7}, group=g, memberId=m1, epoch=3",
                    e.getMessage());
            assertEquals("disk full", e.getCause().getMessage());
        }
    }

    @Test
    void doesNotTrustADriverThatCountsNoRows() throws SQLException {
        store.takeOver(EARLIER, BOTH);
        WatchedConnections vague = new WatchedConnections(database.dataSource(), false, (name, call) -> {
            Object result = call.go();
            return name.equals("executeBatch") ? new int[] {Statement.SUCCESS_NO_INFO} : result;
        });

        try (Connection connection = vague.connect()) {
            assertThrows(StorageException.class, () -> store.save(connection, EARLIER, Map.of(T0, 7L)));
        }
    }

    private void saveAndCommit(OffsetOwner owner, Map<TopicPartition, Long> nextOffsets) {
        try (Connection connection = database.begin()) {
            store.save(connection, owner, nextOffsets);
            connection.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private List<Long> database(String sql) {
        try {
            return database.numbers(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
