package io.tidemill.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The same life as that of {@link StartUpRun}, of a database that lives in its host as we do. */
final class StartUpOfH2 {
    private StartUpOfH2() {}

    /** Prints how many milliseconds of processor time the JVM has taken by then, its own start included. */
    public static void main(String[] args) throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:h2:mem:t");
                Statement statement = database.createStatement()) {
            statement.execute("CREATE TABLE t (k VARCHAR PRIMARY KEY, v VARCHAR)");
            try (PreparedStatement insert = database.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
                insert.setString(1, "k");
                insert.setString(2, "v");
                insert.executeUpdate();
            }
            try (ResultSet rows = statement.executeQuery("SELECT v FROM t")) {
                if (!rows.next()) {
                    throw new IllegalStateException("the row that was inserted is not there");
                }
            }
        }
        System.out.println(StartUpRun.processorMs());
    }
}
