package io.tidemill.groups.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.TopicPartition;
import io.tidemill.errors.FencedOffsetException;
import io.tidemill.errors.StorageException;
import io.tidemill.groups.OffsetOwner;
import io.tidemill.groups.OffsetStore;
import io.tidemill.groups.OffsetStoreContract;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions and results are committed together, by those only who own the partition. */
class JdbcOffsetStoreTest extends OffsetStoreContract {
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
        database.close();
    }

    @Override
    protected OffsetStore store() {
        return store;
    }

    @Override
    protected void save(OffsetOwner owner, Map<TopicPartition, Long> nextOffsets) {
        try (Connection connection = database.begin()) {
            store.save(connection, owner, nextOffsets);
            connection.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected void delete(String group) {
        store.delete(group);
    }

    @Test
    void resultAndPositionAreCommittedTogether() throws SQLException {
        take(EARLIER, T0);

        try (Connection connection = database.begin()) {
            H2Database.insertResult(connection, T0, 0);
            store.save(connection, EARLIER, Map.of(T0, 1L));
            assertFalse(connection.isClosed());
            assertEquals(List.of(), database.results(T0));
            connection.commit();
        }

        assertEquals(List.of(0L), database.results(T0));
        assertEquals(Map.of(T0, 1L), take(LATER, T0));
    }

    @Test
    void resultAndPositionAreRolledBackTogether() throws SQLException {
        take(EARLIER, T0);

        try (Connection connection = database.begin()) {
            H2Database.insertResult(connection, T0, 0);
            store.save(connection, EARLIER, Map.of(T0, 1L));
            connection.rollback();
        }

        assertEquals(List.of(), database.results(T0));
        assertEquals(Map.of(), take(LATER, T0));
    }

    @Test
    void aZombieRollsBackWhatItMadeOfTheRecords() throws SQLException {
        take(EARLIER, T0, T1);

        try (Connection connection = database.begin()) {
            H2Database.insertResult(connection, T0, 0);
            take(LATER, T1);
            FencedOffsetException e = assertThrows(
                    FencedOffsetException.class, () -> store.save(connection, EARLIER, Map.of(T0, 1L, T1, 1L)));
            assertEquals(
                    "partitions are another's by now, roll back: partitions=[t-1], group=g, memberId=m1, epoch=3",
                    e.getMessage());
            connection.rollback();
        }

        assertEquals(List.of(), database.results(T0));
        assertEquals(Map.of(), take(LATER, T0, T1));
    }

    @Test
    void saysWhoHasThePartition() {
        take(LATER, T0);

        FencedOffsetException e = assertThrows(FencedOffsetException.class, () -> take(EARLIER, T0));

        assertEquals(
                "a later owner has the partition: partition=t-0, ownerMember=m2, ownerEpoch=4, group=g, memberId=m1,"
                        + " epoch=3; if the group was deleted and begun anew, its epochs are low again:"
                        + " call delete(\"g\") on the store once",
                e.getMessage());
    }

    @Test
    void refusesAConnectionWithoutTransaction() throws SQLException {
        take(EARLIER, T0);

        try (Connection connection = database.dataSource().getConnection()) {
            assertThrows(IllegalArgumentException.class, () -> store.save(connection, EARLIER, Map.of(T0, 1L)));
        }

        assertEquals(Map.of(), take(EARLIER, T0));
    }

    @Test
    void refusesANegativeOffset() {
        take(EARLIER, T0);

        assertThrows(IllegalArgumentException.class, () -> save(EARLIER, Map.of(T0, -1L)));
    }

    @Test
    void aTableThatIsThereStaysAsItIs() {
        take(EARLIER, T0);
        save(EARLIER, Map.of(T0, 7L));

        store.createTableIfMissing();

        assertEquals(Map.of(T0, 7L), take(EARLIER, T0));
    }

    @Test
    void theTableCanBeCreatedByOtherMeans() throws SQLException {
        database.execute("CREATE SCHEMA app");
        JdbcOffsetStore other = store.withTable("app.Offsets_2");
        database.execute(other.ddl());

        other.takeOver(EARLIER, withId(T0));

        assertEquals(List.of(1L), database.numbers("SELECT COUNT(*) FROM app.offsets_2"));
        assertEquals(List.of(0L), database.numbers("SELECT COUNT(*) FROM tidemill_offsets"));
    }

    @Test
    void saysThatTheTableIsMissing() {
        StorageException e = assertThrows(
                StorageException.class, () -> store.withTable("missing").takeOver(EARLIER, withId(T0)));

        assertEquals(
                "partitions may not have been taken over: partitions=[t-0], group=g, memberId=m1, epoch=3,"
                        + " table=missing, attempts=1",
                e.getMessage());
        assertTrue(e.getCause() instanceof SQLException, String.valueOf(e.getCause()));
        assertThrows(StorageException.class, () -> store.withTable("missing").delete("g"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a;b", "a-b", "a'b", "\"a\"", "1a", "a.", ".a", "a.b.c", "a\n", "ä", "a--"})
    void refusesATableThatIsNoIdentifier(String name) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> store.withTable(name));

        assertTrue(e.getMessage().endsWith("table=" + name), e.getMessage());
    }

    @Test
    void refusesATableWhoseNameSomeDatabasesWouldCut() {
        assertThrows(IllegalArgumentException.class, () -> store.withTable("a".repeat(64)));

        assertTrue(store.withTable("a".repeat(63)).ddl().contains("a".repeat(63)));
    }

    @Test
    void namesAreValuesAndNeverSql() {
        OffsetOwner odd = new OffsetOwner("g'; DROP TABLE results; --", "ä\"\\%_", 1);
        TopicPartition partition = new TopicPartition("t' OR '1'='1", 0);
        take(LATER, T0);

        take(odd, partition);
        save(odd, Map.of(partition, 7L));

        assertEquals(Map.of(partition, 7L), take(odd, partition));
        assertEquals(Map.of(), take(LATER, T0));
        store.delete(odd.group());
        assertEquals(Map.of(), take(odd, partition));
    }

    @Test
    void positionsOutliveTheDatabase(@TempDir Path directory) throws SQLException {
        try (H2Database first = H2Database.at(directory.resolve("app"))) {
            JdbcOffsetStore before = JdbcOffsetStore.of(first.dataSource());
            before.createTableIfMissing();
            before.takeOver(EARLIER, withId(T0, T1));
            try (Connection connection = first.begin()) {
                H2Database.insertResult(connection, T0, 6);
                before.save(connection, EARLIER, Map.of(T0, 7L));
                connection.commit();
            }
        }

        try (H2Database second = H2Database.at(directory.resolve("app"))) {
            JdbcOffsetStore after = JdbcOffsetStore.of(second.dataSource());
            after.createTableIfMissing();
            assertEquals(List.of(6L), second.results(T0));
            assertEquals(Map.of(T0, 7L), after.takeOver(LATER, withId(T0, T1)));
            assertThrows(FencedOffsetException.class, () -> after.takeOver(EARLIER, withId(T0)));
        }
    }
}
