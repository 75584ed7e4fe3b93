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

    /**
     * Looks at everything that the directory holds, and changes nothing. It need not be closed: what a broker has not
     * completed yet, or deletes meanwhile, is no damage.
     *
     * @return what there is, and what of it is damaged
     * @throws io.tidemill.errors.StorageException when it is no Tidemill directory
     */
    public Verification verify() {
        return verify(new Verification.Listener() {});
    }

    /**
     * The same, for directories that take long.
     *
     * @param listener is told how far it is
     * @return as above
     * @throws io.tidemill.errors.StorageException as above
     */
    public Verification verify(Verification.Listener listener) {
        JvmAccess.ensureAgrona();
        return DirectoryVerifier.verify(DirectoryView.of(directory), listener);
    }

    @Override
    public String toString() {
        return "ChronicleLog " + directory;
    }
}
