package io.tidemill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A consumer's settings: Kafka's texts, and what is refused. */
class ConsumerSettingsTest {
    @Test
    void resetPoliciesGoByKafkasTexts() {
        List<AutoOffsetReset> policies = List.of(
                AutoOffsetReset.earliest(),
                AutoOffsetReset.latest(),
                AutoOffsetReset.none(),
                AutoOffsetReset.byDuration(Duration.ofHours(30)));

        List<String> texts = policies.stream().map(AutoOffsetReset::toString).toList();

        assertEquals(List.of("earliest", "latest", "none", "by_duration:PT30H"), texts);
        assertEquals(policies, texts.stream().map(AutoOffsetReset::of).toList());
        assertEquals("read_committed", IsolationLevel.READ_COMMITTED.toString());
    }

    @Test
    void refusesPoliciesThatAreNone() {
        for (String text :
                List.of("", "Earliest", "by_duration", "by_duration:", "by_duration:1h", "by_duration:-PT1H")) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> AutoOffsetReset.of(text), text);
            assertTrue(e.getMessage().contains("auto.offset.reset"), e::getMessage);
        }
        assertThrows(
                IllegalArgumentException.class, () -> AutoOffsetReset.byDuration(Duration.ofSeconds(Long.MAX_VALUE)));
    }

    @Test
    void changesOneSettingAtATime() {
        PartitionEofListener listener = eof -> {};

        ConsumerSettings settings = ConsumerSettings.defaults()
                .withAutoOffsetReset(AutoOffsetReset.latest())
                .withMaxPollRecords(7)
                .withIsolationLevel(IsolationLevel.READ_COMMITTED)
                .withPartitionEofListener(listener);

        assertEquals(
                new ConsumerSettings(AutoOffsetReset.latest(), 7, IsolationLevel.READ_COMMITTED, listener), settings);
        assertEquals(
                new ConsumerSettings(AutoOffsetReset.earliest(), 500, IsolationLevel.READ_UNCOMMITTED, null),
                ConsumerSettings.defaults());
    }

    @Test
    void refusesToPollNothing() {
        ConsumerSettings settings = ConsumerSettings.defaults();

        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> settings.withMaxPollRecords(0));

        assertEquals("max.poll.records must be positive: max.poll.records=0", e.getMessage());
    }
}
