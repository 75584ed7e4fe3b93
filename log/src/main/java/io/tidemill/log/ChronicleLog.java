package io.tidemill.log;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.Storage;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds a broker's logs, in files that Chronicle Queue writes. What is appended survives the death of the
 * process; what is flushed survives a crash of the machine. Immutable; any thread may call.
 */
public final class ChronicleLog implements Storage {
    private final Path directory;
    private final @Nullable DiskBudget budget;

    private ChronicleLog(Path directory, @Nullable DiskBudget budget) {
        this.directory = directory;
        this.budget = budget;
    }

    /**
     * Names the place, and touches nothing.
     *
     * @param directory need not exist; it is created, for its owner only, when a broker opens it
     * @return the place
     */
    public static ChronicleLog at(Path directory) {
        return new ChronicleLog(directory.toAbsolutePath().normalize(), null);
    }

    /**
     * The same place, with a limit to what all topics together take; without one the disk is the limit.
     *
     * @param budget how much, and what happens then
     * @return a copy
     */
    public ChronicleLog withBudget(DiskBudget budget) {
        return new ChronicleLog(directory, budget);
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
        return DirectoryStore.open(directory, clock, budget);
    }

    /**
     * The same place for a broker that only reads: it takes no lock and writes nothing, so it may be open beside the broker
     * that writes, in this process or in another one, and beside others of its kind. It sees what the writer appends, the
     * topics that it creates, and that old records are deleted; whatever would write throws
     * {@link io.tidemill.errors.ReadOnlyException}. When the writer's logs are truncated, consumers behind the new end get
     * an {@link io.tidemill.errors.OffsetOutOfRangeException}.
     *
     * <p>Nobody wakes such a broker: it looks by itself, after a millisecond first, and later by an eighth of the time since
     * something came, up to a tenth of a second. Of many partitions it looks at some at a time.
     *
     * <p>The directory must exist: opening it throws a {@link StorageException} otherwise, and does not create it.
     *
     * @return a place to open brokers over, any number of them
     */
    public Storage readOnly() {
        return new ReadOnly(directory);
    }

    private record ReadOnly(Path directory) implements Storage {
        @Override
        public LogStore open(Clock clock) {
            JvmAccess.ensureAgrona();
            return new ReadOnlyStore(DirectoryView.ofKnownFormat(directory), clock);
        }

        @Override
        public String toString() {
            return "ChronicleLog " + directory + ", read only";
        }
    }

    /**
     * Looks at everything that the directory holds, and changes nothing. It need not be closed: what a broker has not
     * completed yet, or deletes meanwhile, is no damage.
     *
     * @return what there is, and what of it is damaged
     * @throws StorageException when it is no Tidemill directory
     */
    public Verification verify() {
        return verify(new Verification.Listener() {});
    }

    /**
     * The same, for directories that take long.
     *
     * @param listener is told how far it is
     * @return as above
     * @throws StorageException as above
     */
    public Verification verify(Verification.Listener listener) {
        JvmAccess.ensureAgrona();
        return DirectoryVerifier.verify(DirectoryView.of(directory), listener);
    }

    /**
     * The logs that the directory holds: one for each partition, by the topic's name and the partition's number.
     *
     * @return a copy, in the order of their names
     * @throws StorageException when it is no Tidemill directory
     */
    public List<String> logNames() {
        return DirectoryView.ofKnownFormat(directory).logNames();
    }

    /**
     * Leads a visitor over the batches of a log, and changes nothing. The directory need not be closed: what is complete
     * when this begins is shown.
     *
     * @param log one of {@link #logNames}, for instance {@code orders-0}
     * @param offset where to begin: with the batch that holds it
     * @param visitor sees the batches
     * @throws UnknownTopicOrPartitionException when there is no such log
     * @throws StorageException when it is no Tidemill directory
     * @throws CorruptRecordException when it cannot be known which files belong to the log
     * @throws io.tidemill.errors.UnsupportedCompressionTypeException when records are asked for that are compressed, and the
     *     library is not there
     */
    public void dump(String log, long offset, DumpVisitor visitor) {
        JvmAccess.ensureAgrona();
        List<String> names = logNames();
        if (!names.contains(log)) {
            throw new UnknownTopicOrPartitionException(
                    "no such log: name=" + log + ", logs=" + names + ", directory=" + directory);
        }
        LogDumper.dump(LogSnapshot.of(DirectoryView.ofKnownFormat(directory).log(log)), offset, visitor);
    }

    @Override
    public String toString() {
        return "ChronicleLog " + directory;
    }
}
