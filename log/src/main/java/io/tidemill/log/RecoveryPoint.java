package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.errors.CorruptRecordException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of a log since it was last closed. Below the end offset every batch was whole and forced, so one that is
 * not was damaged since: it is kept and reported. Above it, a batch that is not whole was never finished: it is cut off.
 *
 * <pre>
 *   0                               8                              16              20              24
 *   +-------------------------------+-------------------------------+---------------+---------------+-----------
 *   |           endOffset           |            fileSize           |  headLength   |   headCrc32c  | index ...
 *   +-------------------------------+-------------------------------+---------------+---------------+-----------
 * </pre>
 *
 * <p>The head is what Chronicle keeps in front of the first batch, and changes while the file is open for appending.
 */
record RecoveryPoint(long endOffset, long fileSize, int headLength, int headCrc32c, PositionIndex index) {
    static final String FILE = "recovery-point";
    static final String MAGIC = "TMRECOVR";
    static final int VERSION = 1;
    static final RecoveryPoint NONE = new RecoveryPoint(0, 0, 0, 0, new PositionIndex());

    private static final int HEADER_LENGTH = 24;
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryPoint.class);

    /** Of a segment's file that nobody appends to any more. */
    static RecoveryPoint of(Path segment, long endOffset, long fileSize, PositionIndex index) {
        int headLength = (int) index.first().position();
        return new RecoveryPoint(endOffset, fileSize, headLength, headCrc32c(segment, headLength), index);
    }

    static RecoveryPoint read(Path directory) {
        try {
            return readWhole(directory);
        } catch (CorruptRecordException e) {
            LOG.warn("recovering without the recovery point: reason={}", e.getMessage());
            return NONE;
        }
    }

    /**
     * {@link #NONE} only when there is none.
     *
     * @throws CorruptRecordException when it is not what was written
     */
    static RecoveryPoint readWhole(Path directory) {
        byte @Nullable [] content = file(directory).read();
        if (content == null || content.length < HEADER_LENGTH) {
            return NONE;
        }
        ByteBuffer buffer = ByteBuffer.wrap(content).order(LITTLE_ENDIAN);
        return new RecoveryPoint(
                buffer.getLong(), buffer.getLong(), buffer.getInt(), buffer.getInt(), PositionIndex.get(buffer));
    }

    /** The next open has to look more closely. */
    static void delete(Path directory) {
        file(directory).delete();
    }

    /** If it does not come through a crash of the machine, the next open looks more closely. */
    void write(Path directory) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_LENGTH + index.length()).order(LITTLE_ENDIAN);
        buffer.putLong(endOffset).putLong(fileSize).putInt(headLength).putInt(headCrc32c);
        index.put(buffer);
        file(directory).writeUnforced(buffer.array(), directory.resolve(FILE + ".tmp"));
    }

    /** Whether the file ends where it ended, and so does the log in it. */
    boolean isOf(long size, long offset) {
        return fileSize == size && endOffset == offset;
    }

    /** Whether Chronicle's part of the file is as it was. */
    boolean hasHeadOf(Path segment) {
        return headCrc32c == headCrc32c(segment, headLength);
    }

    private static SealedFile file(Path directory) {
        return new SealedFile(directory.resolve(FILE), MAGIC, VERSION);
    }

    private static int headCrc32c(Path segment, int headLength) {
        ByteBuffer head = ByteBuffer.allocate(headLength);
        try (LogFile file = new LogFile(segment, StandardOpenOption.READ)) {
            file.read(head, 0);
        }
        CRC32C crc = new CRC32C();
        crc.update(head.flip());
        return (int) crc.getValue();
    }
}
