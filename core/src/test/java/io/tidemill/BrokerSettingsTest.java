package io.tidemill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerSettingsTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "4, 2", "9, 4", "64, 32", "4096, 256"})
    void aLaneForEachPairOfProcessors(int processors, int lanes) {
        assertEquals(lanes, BrokerSettings.lanesFor(processors));
    }

    @Test
    void countsTheProcessorsThatTheJvmHas() {
        int processors = Runtime.getRuntime().availableProcessors();

        assertEquals(
                BrokerSettings.lanesFor(processors),
                BrokerSettings.defaults().withLanesOfThisMachine().lanes());
        assertEquals(1, BrokerSettings.defaults().lanes());
    }
}
