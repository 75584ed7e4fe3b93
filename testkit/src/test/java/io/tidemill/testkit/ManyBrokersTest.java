package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** X08: a hundred brokers in one JVM know nothing of each other, and one that is closed takes nothing from the others. */
class ManyBrokersTest {
    private static final int BROKERS = 100;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void shareNothing(Engine engine) {
        List<Broker> brokers = new ArrayList<>();
        List<Topic<String, String>> topics = new ArrayList<>();
        try {
            for (int i = 0; i < BROKERS; i++) {
                Broker broker = Broker.open(engine.storage(directory.resolve("broker-" + i)));
                brokers.add(broker);
                topics.add(broker.topic("same", Serdes.string(), Serdes.string(), TopicSettings.partitions(1 + i % 3)));
                broker.createTopic("only-" + i, TopicSettings.partitions(1));
            }
            for (int i = 0; i < BROKERS; i++) {
                topics.get(i).send("k", "of broker " + i).join();
            }
            for (int i = 0; i < BROKERS; i += 2) {
                brokers.get(i).close();
            }
            for (int i = 1; i < BROKERS; i += 2) {
                assertEquals(Set.of("same", "only-" + i), brokers.get(i).topics());
                assertEquals(List.of("of broker " + i), values(topics.get(i)));
                topics.get(i).send("k", "again").join();
            }
        } finally {
            CloseHelper.closeAll(brokers);
        }
        assertTrue(
                Thread.getAllStackTraces().keySet().stream().noneMatch(ManyBrokersTest::isOfABroker),
                () -> Thread.getAllStackTraces().keySet().toString());
    }

    private static boolean isOfABroker(Thread thread) {
        return thread.getName().startsWith("tidemill");
    }

    private static List<String> values(Topic<String, String> topic) {
        try (Consumer<String, String> consumer = topic.consumer()) {
            return consumer.poll(Duration.ofSeconds(10)).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }
}
