package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is replaced as a whole, and tells what it is, in which version, and whether it is whole. One thread
 * at a time.
 *
 * <pre>
 *   0                               8              12              16              20
 *   +-------------------------------+---------------+---------------+---------------+------------
 *   |         magic, 8 letters      |    crc32c     |    version    |    length     | content ...
 *   +-------------------------------+---------------+---------------+---------------+------------
 * </pre>
 *
 * <p>Numbers are little-endian. {@code crc32c} covers everything behind itself. A later version may change what lies
 * behind {@code version}, and nothing before it.
 */
final class SealedFile {
    static final int MAGIC_LENGTH = 8;
    static final int CRC32C_INDEX = MAGIC_LENGTH;
    static final int VERSION = CRC32C_INDEX + Integer.BYTES;
    static final int LENGTH = VERSION + Integer.BYTES;
    static final int CONTENT = LENGTH + Integer.BYTES;

    private final Path path;
    private final byte[] magic;
    private final int version;

    SealedFile(Path path, String magic, int version) {
        this.path = path;
        this.magic = magic.getBytes(StandardCharsets.US_ASCII);
        this.version = version;
    }

    /**
     * The content, or null when there is no file.
     *
     * @throws StorageException when it is of a newer version, or cannot be read
     * @throws CorruptRecordException when it is anything else than what was written
     */
    byte @Nullable [] read() {
        byte[] bytes;
        try {
            bytes = Uninterrupted.run(() -> Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new StorageException("cannot read file: file=" + path + ", reason=" + e, e);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
        if (bytes.length < CONTENT || !buffer.slice(0, MAGIC_LENGTH).equals(ByteBuffer.wrap(magic))) {
            throw corrupt("does not begin as such a file does", bytes.length);
        }
        if (crc32c(bytes) != buffer.getInt(CRC32C_INDEX)) {
            throw corrupt("fails its checksum", bytes.length);
        }
        if (buffer.getInt(VERSION) > version) {
            throw new StorageException("file is of a newer version than this library knows: file=" + path + ", version="
                    + buffer.getInt(VERSION) + ", known=" + version);
        }
        byte[] content = new byte[bytes.length - CONTENT];
        if (buffer.getInt(LENGTH) != content.length) {
            throw corrupt("is not as long as it says", bytes.length);
        }
        buffer.get(CONTENT, content);
        return content;
    }

    /**
     * Replaces the content by way of another file in the same file system, durably.
     *
     * @throws StorageException when the former content still stands
     */
    void write(byte[] content, Path temporary) {
        replace(content, temporary, true);
    }

    /** The same, but a crash of the machine may leave the former content, or a file that is not whole. */
    void writeUnforced(byte[] content, Path temporary) {
        replace(content, temporary, false);
    }

    private void replace(byte[] content, Path temporary, boolean isDurable) {
        try {
            try (LogFile file = new LogFile(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                file.truncate(0);
                file.write(ByteBuffer.wrap(bytes(content)), 0);
                if (isDurable) {
                    file.force();
                }
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (isDurable) {
                Directories.sync(Directories.parentOf(path));
            }
        } catch (IOException | StorageException e) {
            throw new StorageException("cannot replace file: file=" + path + ", reason=" + e.getMessage(), e);
        }
    }

    /** Removes it if it is there; a crash of the machine may bring it back. */
    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new StorageException("cannot delete file: file=" + path + ", reason=" + e, e);
        }
    }

    private byte[] bytes(byte[] content) {
        byte[] bytes = new byte[CONTENT + content.length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
        buffer.put(0, magic).putInt(VERSION, version).putInt(LENGTH, content.length);
        buffer.put(CONTENT, content);
        buffer.putInt(CRC32C_INDEX, crc32c(bytes));
        return bytes;
    }

    private static int crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, VERSION, bytes.length - VERSION);
        return (int) crc.getValue();
    }

    private CorruptRecordException corrupt(String what, int length) {
        return new CorruptRecordException("file " + what + ": file=" + path + ", bytes=" + length);
    }
}
