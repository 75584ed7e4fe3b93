package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.TopicSettings;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.LogSettings;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicRecordTest {
    private static final UUID ID = new UUID(1, 2);

    @Test
    void keepsEverySetting() {
        for (CleanupPolicy policy : CleanupPolicy.values()) {
            LogSettings log =
                    new LogSettings(123_456, 2, 3, 4, new FlushSettings(5, 6), new CleanupSettings(policy, 0.75, 7, 8));
            TopicRecord record = new TopicRecord(ID, "orders", new TopicSettings(9, 10_000, log));

            assertEquals(record, TopicRecord.decode(record.encode()));
        }
        TopicRecord defaults = new TopicRecord(ID, "orders", TopicSettings.partitions(3));
        assertEquals(defaults, TopicRecord.decode(defaults.encode()));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        byte[] bytes = new TopicRecord(ID, "orders", TopicSettings.partitions(3)).encode();
        int name = new String(bytes, ISO_8859_1).indexOf("segment.bytes");
        bytes[name] = 'S';

        assertThrows(CorruptRecordException.class, () -> TopicRecord.decode(bytes));
        assertThrows(CorruptRecordException.class, () -> TopicRecord.decode(Arrays.copyOf(bytes, 40)));
    }
}
