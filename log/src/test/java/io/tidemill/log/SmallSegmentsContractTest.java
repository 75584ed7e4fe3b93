package io.tidemill.log;

import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStoreContract;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Z03: a log in many segments is the same log. */
final class SmallSegmentsContractTest extends LogStoreContract {
    @TempDir
    private Path directory;

    private int places;

    @Override
    protected Storage newStorage() {
        return ChronicleLog.at(directory.resolve("place-" + places++));
    }

    @Override
    protected LogSettings settings() {
        return LogSettings.defaults().withSegmentBytes(64 * 1024);
    }
}
