package io.tidemill.log;

import io.tidemill.spi.LogStoreContract;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ChronicleLogContractTest extends LogStoreContract {
    @TempDir
    private Path directory;

    private int places;

    @Override
    protected Storage newStorage() {
        return ChronicleLog.at(directory.resolve("place-" + places++));
    }
}
