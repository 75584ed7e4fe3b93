package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import java.nio.file.Path;
import java.time.Duration;

/** The whole life of a broker that has little to do, as the main class of a JVM of its own; run by {@link StartUpTest}. */
final class StartUpRun {
    static final String DIRECTORY_PROPERTY = "directory";

    private StartUpRun() {}

    /** Prints how many milliseconds of processor time the JVM has taken by then, its own start included. */
    public static void main(String[] args) {
        String directory = System.getProperty(DIRECTORY_PROPERTY, "");
        run(directory.isEmpty() ? Broker.inMemory() : Broker.open(ChronicleLog.at(Path.of(directory))));
        System.out.println(processorMs());
    }

    static long processorMs() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("this system does not tell the processor time"))
                .toMillis();
    }

    /** Create, send 1, poll 1, close. */
    static void run(Broker opened) {
        try (Broker broker = opened) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            topic.send("k", "v").join();
            try (Consumer<String, String> consumer = topic.consumer()) {
                int polled = consumer.poll(Duration.ofSeconds(10)).size();
                if (polled != 1) {
                    throw new IllegalStateException("wrong number of records: polled=" + polled);
                }
            }
        }
    }
}
