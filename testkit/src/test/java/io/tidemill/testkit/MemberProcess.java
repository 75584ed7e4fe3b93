package io.tidemill.testkit;

import io.tidemill.runtime.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** One life of a broker: the JVM of a {@link ClusterMember}. What it says is heard by a thread of its own. */
final class MemberProcess {
    /** Several of them share a few processors with the test. */
    private static final List<String> JVM_ARGS = List.of("-Xmx512m", "-XX:+UseSerialGC");

    private static final String LOG_FILE = "-Dorg.slf4j.simpleLogger.logFile=";
    private static final int LOG_LINES = 30;

    /**
     * Where a broker runs.
     *
     * @param launcher what starts its JVM there, or empty
     * @param members where that broker finds itself and the others
     */
    record Place(List<String> launcher, Map<Integer, InetSocketAddress> members) {}

    /** @param line null: it has ended */
    record Heard(MemberProcess from, String line) {}

    private final int id;
    private final String name;
    private final Path log;
    private final ChildProcess process;
    private boolean mayEnd;
    private boolean isProducing;
    private int clients;

    private MemberProcess(int id, String name, Path log, ChildProcess process) {
        this.id = id;
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** @param heard gets what it says */
    static MemberProcess start(int id, int life, Place place, String secret, Path root, Queue<Heard> heard) {
        Path log = root.resolve("broker-" + id + "-" + life + ".log");
        List<String> jvmArgs = new ArrayList<>(JVM_ARGS);
        jvmArgs.add(LOG_FILE + log);
        try {
            ChildProcess process = ChildProcess.startBy(
                    place.launcher(),
                    ClusterMember.class,
                    jvmArgs,
                    id,
                    directory(root, id),
                    secret,
                    ClusterMember.text(place.members()));
            MemberProcess member = new MemberProcess(id, id + "/" + life, log, process);
            Thread ear = new Thread(() -> member.listen(heard), "ear-" + member.name);
            ear.setDaemon(true);
            ear.start();
            return member;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where that broker keeps what it keeps. */
    static Path directory(Path root, int id) {
        return root.resolve("broker-" + id);
    }

    private void listen(Queue<Heard> heard) {
        try {
            for (String line = process.readLine(); line != null; line = process.readLine()) {
                if (line.endsWith(ClusterMember.END)) {
                    heard.add(new Heard(this, line.substring(0, line.length() - ClusterMember.END.length())));
                }
            }
        } catch (IOException e) {
            heard.add(new Heard(this, "cannot be heard: " + e));
        }
        heard.add(new Heard(this, null));
    }

    int id() {
        return id;
    }

    /** The next name under which it sends: no value comes twice. */
    String newClient() {
        return name + "/" + ++clients;
    }

    boolean mayEnd() {
        return mayEnd;
    }

    boolean isProducing() {
        return isProducing;
    }

    void onProducing(boolean isSo) {
        isProducing = isSo;
    }

    void tell(String line) {
        try {
            process.writeLine(line);
        } catch (IOException e) {
            throw new AssertionError("broker cannot be told: brokerId=" + id + ", line=" + line + log(), e);
        }
    }

    void close() {
        mayEnd = true;
        tell("close");
    }

    void kill() {
        mayEnd = true;
        process.kill();
    }

    /** Halts it, or lets it go on: "STOP", "CONT". */
    void signal(String name) {
        try {
            process.signal(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has logged last. */
    String log() {
        try {
            List<String> lines = Files.readAllLines(log);
            return "\nbroker " + name + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
        } catch (IOException e) {
            return "\nbroker " + name + " has no log: " + e;
        }
    }
}
