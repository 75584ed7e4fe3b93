package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Directories that nobody but their owner may enter, that are durable when asked for, and that go with all they hold. */
final class Directories {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private Directories() {}

    /** Makes one directory; its parent exists. */
    static void create(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectory(directory, OWNER_ONLY);
        } else {
            Files.createDirectory(directory);
        }
    }

    /** After this, the names in it survive a crash of the machine. Where directories cannot be opened, nothing is done. */
    static void sync(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Uninterrupted.run(() -> {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return directory;
                }
            });
        }
    }

    /**
     * After this, a crash of the machine leaves the files of a directory where they are, and the directory too.
     *
     * @throws StorageException when it may not
     */
    static void forceNames(Path directory) {
        try {
            sync(directory);
            sync(parentOf(directory));
        } catch (IOException e) {
            throw new StorageException("cannot force directory: directory=" + directory + ", reason=" + e, e);
        }
    }

    /** The directory that an entry of one lies in. */
    static Path parentOf(Path entry) {
        return Objects.requireNonNull(entry.toAbsolutePath().getParent(), "a root has no parent");
    }

    /** Removes it and everything in it. Links are removed, not followed. */
    static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
