package io.tidemill.groups.jdbc;

import io.tidemill.groups.jdbc.ExactlyOnceSimulation.Outcome;
import io.tidemill.simulation.Outcomes;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Every record has one result, whatever crashes and whoever comes back. */
class ExactlyOnceSimulationTest {
    private static final int SEEDS = 200;

    @Test
    void everyRecordHasOneResult() throws SQLException {
        try (H2Database database = H2Database.inMemory()) {
            JdbcOffsetStore store = JdbcOffsetStore.of(database.dataSource());
            store.createTableIfMissing();
            Outcomes.of(
                            "ExactlyOnceSimulation",
                            0,
                            SEEDS,
                            seed -> new ExactlyOnceSimulation(database, store, seed).run())
                    .requireOnAverage(2, "takeovers", Outcome::takeovers)
                    .requireOnAverage(1, "crashes", Outcome::crashes)
                    .requireOnAverage(1, "fenced", Outcome::fenced)
                    .requireOnAverage(0.25, "lateCommits", Outcome::lateCommits);
        }
    }
}
