package io.tidemill.log;

import io.tidemill.spi.CompactionContract;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** R06, on disk. */
class ChronicleCompactionTest extends CompactionContract {
    @TempDir
    private Path directory;

    @Override
    protected Storage newStorage() {
        return ChronicleLog.at(directory.resolve("place"));
    }
}
