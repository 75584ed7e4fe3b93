package io.tidemill.groups.jdbc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.groups.jdbc.ExactlyOnceSimulation.Outcome;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Every record has one result, whatever crashes and whoever comes back. */
class ExactlyOnceSimulationTest {
    private static final int SEEDS = 200;

    @Test
    void everyRecordHasOneResult() throws SQLException {
        long takeovers = 0;
        long crashes = 0;
        long fenced = 0;
        long lateCommits = 0;
        try (H2Database database = H2Database.inMemory()) {
            JdbcOffsetStore store = JdbcOffsetStore.of(database.dataSource());
            store.createTableIfMissing();
            for (int seed = 0; seed < SEEDS; seed++) {
                try {
                    Outcome outcome = new ExactlyOnceSimulation(database, store, seed).run();
                    takeovers += outcome.takeovers();
                    crashes += outcome.crashes();
                    fenced += outcome.fenced();
                    lateCommits += outcome.lateCommits();
                } catch (SQLException | RuntimeException | AssertionError e) {
                    throw new AssertionError(
                            "failing seed: new ExactlyOnceSimulation(database, store, " + seed + ")", e);
                }
            }
        }
        String seen = "takeovers=" + takeovers + ", crashes=" + crashes + ", fenced=" + fenced + ", lateCommits="
                + lateCommits;
        assertTrue(takeovers > 2 * SEEDS && crashes > SEEDS && fenced > SEEDS && lateCommits > SEEDS / 4, seen);
    }
}
