package io.tidemill.log;

import io.tidemill.errors.BrokerLockedException;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The hold that one broker has on a directory. {@code tidemill.lock} is locked; {@code tidemill.owner} says by whom.
 *
 * <p>They are two files because a process that closes any descriptor of a locked file loses its lock on it. So a broker
 * must find out without touching the lock that another one of its own process is there: it asks the owner file.
 */
final class DirectoryLock implements AutoCloseable {
    static final String LOCK_FILE = "tidemill.lock";
    static final String OWNER_FILE = "tidemill.owner";

    private final Path directory;
    private final FileChannel channel;
    private final FileLock lock;
    private final boolean machineRestarted;
    private volatile boolean isUnflushed;

    private DirectoryLock(Path directory, FileChannel channel, FileLock lock, boolean machineRestarted) {
        this.directory = directory;
        this.channel = channel;
        this.lock = lock;
        this.machineRestarted = machineRestarted;
    }

    /**
     * Takes hold of an existing directory.
     *
     * @throws BrokerLockedException when somebody else has it
     * @throws StorageException when it cannot be written to
     */
    static DirectoryLock acquire(Path directory) {
        // Between the look at the owner and the new owner's name no other thread may come here and close the lock file.
        synchronized (DirectoryLock.class) {
            Owner current = Owner.current();
            Owner former = readOwner(directory);
            if (current.equals(former)) {
                throw locked(directory, former);
            }
            try {
                FileChannel channel = FileChannel.open(
                        directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = tryLock(channel);
                if (lock == null) {
                    channel.close();
                    throw locked(directory, readOwner(directory));
                }
                // An owner that is still named did not close.
                boolean machineRestarted = former != null && !former.isOfThisBoot(current);
                DirectoryLock held = new DirectoryLock(directory, channel, lock, machineRestarted);
                held.sign(current);
                return held;
            } catch (IOException e) {
                throw new StorageException("cannot lock directory: directory=" + directory + ", reason=" + e, e);
            }
        }
    }

    /** Null when another broker has it; one of this process comes here only if its owner file was lost. */
    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void sign(Owner owner) throws IOException {
        try {
            writeOwner(owner);
        } catch (IOException | StorageException e) {
            close();
            Files.deleteIfExists(directory.resolve(LOCK_FILE));
            throw e;
        }
    }

    /** Durably: who comes after a crash of the machine must find that nobody has closed. */
    private void writeOwner(Owner owner) throws IOException {
        try (LogFile file =
                new LogFile(directory.resolve(OWNER_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(owner.toText().getBytes(StandardCharsets.US_ASCII)), 0);
            file.force();
        }
        Directories.sync(directory);
    }

    /** What is to be flushed could not be: to be called before {@link #close}, which then counts as no proper one. */
    void markUnflushed() {
        isUnflushed = true;
    }

    /** Whether the former owner was not closed, and the machine was started since: what it did not force may be lost. */
    boolean machineRestarted() {
        return machineRestarted;
    }

    @Override
    public void close() {
        synchronized (DirectoryLock.class) {
            if (!channel.isOpen()) {
                return;
            }
            try (channel;
                    lock) {
                if (isUnflushed) {
                    writeOwner(Owner.current().gone());
                } else {
                    Files.deleteIfExists(directory.resolve(OWNER_FILE));
                }
            } catch (IOException e) {
                throw new StorageException("cannot unlock directory: directory=" + directory + ", reason=" + e, e);
            }
        }
    }

    /** Whether a broker seems to hold the directory: the lock itself is not touched. */
    static boolean isHeld(Path directory) {
        Owner owner = readOwner(directory);
        return owner != null && owner.isAlive();
    }

    private static @Nullable Owner readOwner(Path directory) {
        try {
            return Owner.ofText(Uninterrupted.run(() -> Files.readString(directory.resolve(OWNER_FILE))));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new StorageException("cannot read owner: directory=" + directory + ", reason=" + e, e);
        }
    }

    private static BrokerLockedException locked(Path directory, @Nullable Owner owner) {
        return new BrokerLockedException("another broker has the directory open: directory=" + directory + ", pid="
                + (owner == null ? "unknown" : owner.pid()));
    }
}
