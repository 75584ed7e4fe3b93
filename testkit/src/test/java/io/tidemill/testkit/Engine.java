package io.tidemill.testkit;

import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.Storage;
import java.nio.file.Path;

/** The storages that every whole-system test runs on. */
enum Engine {
    MEMORY,
    CHRONICLE;

    /** Empty, and the same place for each broker that opens it in turn. */
    Storage storage(Path directory) {
        return this == MEMORY ? Storage.inMemory() : ChronicleLog.at(directory.resolve("data"));
    }
}
