package io.tidemill.log;

import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Storage;
import java.nio.file.Path;

/**
 * A directory that holds a broker's logs, in files that Chronicle Queue writes. What is appended survives the death of the
 * process; what is flushed survives a crash of the machine. Immutable; any thread may call.
 */
public final class ChronicleLog implements Storage {
    private final Path directory;

    private ChronicleLog(Path directory) {
        this.directory = directory;
    }

    /**
     * Names the place, and touches nothing.
     *
     * @param directory need not exist; it is created, for its owner only, when a broker opens it
     * @return the place
     */
    public static ChronicleLog at(Path directory) {
        return new ChronicleLog(directory.toAbsolutePath().normalize());
    }

    /**
     * {@inheritDoc}
     *
     * @throws io.tidemill.errors.JvmAccessException when the JVM keeps closed what Chronicle needs; the message names the
     *     flags
     */
    @Override
    public LogStore open(Clock clock) {
        // Before anything of Agrona or Chronicle is loaded: both reach into the JVM when they are.
        JvmAccess.ensureChronicle();
        return DirectoryStore.open(directory, clock);
    }

    @Override
    public String toString() {
        return "ChronicleLog " + directory;
    }
}
