package io.tidemill.samples;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.log.ChronicleLog;
import java.nio.file.Path;
import java.time.Duration;

/** The README's example: a durable topic, a record in, a record out. Leaves a directory {@code data} behind. */
public final class QuickStart {
    private QuickStart() {}

    public static void main(String[] args) {
        // region quick-start
        try (Broker broker = Broker.open(ChronicleLog.at(Path.of("data")))) {
            Topic<String, String> orders =
                    broker.topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
            orders.send("customer-123", "25.99").join();
            try (ConsumerGroup<String, String> analytics = ConsumerGroup.join(orders, "analytics")) {
                for (ConsumerRecord<String, String> order : analytics.poll(Duration.ofSeconds(1))) {
                    System.out.println(order.key() + " paid " + order.value());
                }
            }
        }
        // endregion
    }
}
