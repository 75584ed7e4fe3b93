package io.tidemill.log;

import io.tidemill.spi.LogSettings;

/** Z03: a log in many segments is the same log. */
final class SmallSegmentsContractTest extends ChronicleLogContractTest {
    @Override
    protected LogSettings settings() {
        return LogSettings.defaults().withSegmentBytes(64 * 1024);
    }
}
