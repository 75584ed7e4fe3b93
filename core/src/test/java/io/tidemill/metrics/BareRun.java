package io.tidemill.metrics;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.FlushSettings;

/** What a host application does that has nothing to listen with, as the main class of a JVM of its own. */
final class BareRun {
    private BareRun() {}

    public static void main(String[] args) {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic = broker.topic(
                    "t",
                    Serdes.string(),
                    Serdes.string(),
                    TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
            topic.send("k", "v").join();
            System.out.println("status=" + broker.health().status() + " appended="
                    + broker.metrics().partitions().get(1).appendedRecords());
        }
    }
}
