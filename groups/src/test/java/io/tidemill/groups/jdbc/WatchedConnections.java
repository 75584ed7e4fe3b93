package io.tidemill.groups.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database's connections and statements, with somebody between who lets calls fail, or does something else first. */
final class WatchedConnections {
    /** Stands between. */
    interface Watch {
        @Nullable
        Object onCall(String method, Call call) throws Throwable;
    }

    /** The call itself. */
    interface Call {
        @Nullable
        Object go() throws Throwable;
    }

    private final DataSource database;
    private final boolean autoCommit;
    private final Watch watch;
    private final List<Boolean> autoCommitsAtClose = new ArrayList<>();
    private int open;

    WatchedConnections(DataSource database, boolean autoCommit, Watch watch) {
        this.database = database;
        this.autoCommit = autoCommit;
        this.watch = watch;
    }

    DataSource dataSource() {
        return proxy(DataSource.class, (self, method, arguments) -> connect());
    }

    Connection connect() throws SQLException {
        Connection connection = database.getConnection();
        connection.setAutoCommit(autoCommit);
        open++;
        return proxy(Connection.class, (self, method, arguments) -> {
            if (method.getName().equals("close")) {
                autoCommitsAtClose.add(connection.getAutoCommit());
                open--;
            }
            Object result = watch.onCall(method.getName(), () -> invoke(connection, method, arguments));
            if (result instanceof PreparedStatement statement) {
                return proxy(PreparedStatement.class, watched(statement));
            }
            return result instanceof Statement statement ? proxy(Statement.class, watched(statement)) : result;
        });
    }

    private InvocationHandler watched(Statement statement) {
        return (self, method, arguments) -> watch.onCall(method.getName(), () -> invoke(statement, method, arguments));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(WatchedConnections.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Whether each connection that was closed committed by itself then. */
    List<Boolean> autoCommitsAtClose() {
        return autoCommitsAtClose;
    }

    /** How many connections were not closed. */
    int open() {
        return open;
    }
}
