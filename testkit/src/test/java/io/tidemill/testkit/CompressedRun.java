package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.CompressionType;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import java.nio.file.Path;

/** Every codec in a JVM of its own, without a flag; run by {@link EmbeddingTest}. */
final class CompressedRun {
    private CompressedRun() {}

    public static void main(String[] args) {
        try (Broker broker = Broker.open(ChronicleLog.at(Path.of("data")))) {
            for (CompressionType type : CompressionType.values()) {
                Topic<String, String> topic = broker.topic(
                        "t-" + type,
                        Serdes.string(),
                        Serdes.string(),
                        TopicSettings.partitions(1).withCompression(type));
                topic.send("k", "v".repeat(1_000)).join();
                System.out.println(
                        type + " " + TopicContent.of(topic).get(0).value().length());
            }
        }
    }
}
