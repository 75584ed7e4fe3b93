package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicRecordTest {
    private static final UUID ID = new UUID(1, 2);

    @Test
    void keepsEverySetting() {
        for (CleanupPolicy policy : CleanupPolicy.values()) {
            TopicSettings settings = TopicSettings.partitions(9)
                    .withMaxMessageBytes(10_000)
                    .withReplicationFactor(3)
                    .withMinInsyncReplicas(2)
                    .with("unclean.leader.election.enable", "true")
                    .withSegmentBytes(123_456)
                    .withSegmentAge(Duration.ofMillis(2))
                    .withRetention(Duration.ofMillis(3))
                    .withRetentionBytes(4)
                    .withFlush(new FlushSettings(5, 6))
                    .withCleanup(new CleanupSettings(policy, 0.75, 7, 8));
            TopicRecord record = new TopicRecord(ID, "orders", settings);

            assertEquals(record, MetadataEvent.decode(record.encode()));
        }
        TopicRecord defaults = new TopicRecord(ID, "orders", TopicSettings.partitions(3));
        assertEquals(defaults, MetadataEvent.decode(defaults.encode()));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        byte[] bytes = new TopicRecord(ID, "orders", TopicSettings.partitions(3).withSegmentBytes(20_000)).encode();
        int name = new String(bytes, ISO_8859_1).indexOf("segment.bytes");
        bytes[name] = 'S';

        assertThrows(CorruptRecordException.class, () -> MetadataEvent.decode(bytes));
        assertThrows(CorruptRecordException.class, () -> MetadataEvent.decode(Arrays.copyOf(bytes, 40)));
    }

    @Test
    void aSettingThatIsNotSetStaysWithTheBroker() {
        TopicRecord record =
                new TopicRecord(ID, "orders", TopicSettings.partitions(3).with("retention.ms", "5"));

        TopicSettings read = ((TopicRecord) MetadataEvent.decode(record.encode())).settings();

        assertEquals(Map.of(TopicSetting.RETENTION_MS, "5"), read.ofTopic());
    }

    @Test
    void keepsRemovals() {
        TopicRemoval removal = new TopicRemoval(ID);

        assertEquals(removal, MetadataEvent.decode(removal.encode()));
    }

    /** Also in another JVM, where hashes are others. */
    @Test
    void theSameSettingsAreTheSameBytes() {
        TopicSettings settings = TopicSettings.partitions(1)
                .with(TopicSetting.SEGMENT_MS, 1)
                .with(TopicSetting.FLUSH_MS, 2)
                .with(TopicSetting.RETENTION_MS, 3);

        assertEquals(
                List.of(TopicSetting.FLUSH_MS, TopicSetting.RETENTION_MS, TopicSetting.SEGMENT_MS),
                List.copyOf(settings.ofTopic().keySet()));
    }
}
