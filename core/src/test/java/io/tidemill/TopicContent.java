package io.tidemill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a topic holds, to whoever reads it from its beginning. */
public final class TopicContent {
    private TopicContent() {}

    /** Every record that can be read now. */
    public static <K, V> List<ConsumerRecord<K, V>> of(Topic<K, V> topic) {
        List<ConsumerRecord<K, V>> all = new ArrayList<>();
        try (Consumer<K, V> consumer = topic.consumer()) {
            List<ConsumerRecord<K, V>> some = consumer.poll(Duration.ZERO);
            while (!some.isEmpty()) {
                all.addAll(some);
                some = consumer.poll(Duration.ZERO);
            }
        }
        return all;
    }
}
