package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that could not work are refused. */
class LinkSettingsTest {
    private static final int WINDOW = 64 * 1024;

    @ParameterizedTest
    @CsvSource({
        "8192, 65536, 1408, 10, 100",
        "65536, 100000, 1408, 10, 100",
        "65536, 65536, 255, 10, 100",
        "65536, 65536, 4097, 10, 100",
        "65536, 65536, 1408, 0, 100",
        "65536, 65536, 1408, 34, 100"
    })
    void refusesWhatCannotWork(int control, int data, int frame, long keepAliveNs, long timeoutNs) {
        assertThrows(
                IllegalArgumentException.class, () -> new LinkSettings(control, data, frame, keepAliveNs, timeoutNs));
    }

    @Test
    void aMessageFillsAWindowWithItsLength() {
        LinkSettings settings = LinkSettings.defaults().withWindows(WINDOW, 2 * WINDOW);

        assertEquals(WINDOW - 4, settings.messageBytesMax(Links.CONTROL));
        assertEquals(2 * WINDOW - 4, settings.messageBytesMax(Links.DATA));
    }
}
