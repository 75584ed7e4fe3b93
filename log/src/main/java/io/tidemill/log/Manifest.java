package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.log.chronicle.SegmentName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The truth about which segments a log has, and how much of each counts. Replaced as a whole when one is sealed. A log
 * without a manifest has one segment, from offset 0 on.
 *
 * <pre>
 *   0                               8              12              16
 *   +-------------------------------+---------------+---------------+
 *   |      active, baseOffset       |    ordinal    | sealed, count |
 *   +-------------------------------+---------------+---------------+
 *   for each that is sealed, in the order of their offsets:
 *   +-------------------------------+---------------+---------------+
 *   |          baseOffset           |    ordinal    |     zero      |
 *   +-------------------------------+---------------+---------------+
 *   |           endOffset           |          endPosition          |
 *   +-------------------------------+-------------------------------+
 * </pre>
 *
 * @param sealed the segments that nobody appends to any more, each beginning where the one before ends
 * @param active the segment that is appended to, beginning where the last sealed one ends
 */
record Manifest(List<Sealed> sealed, SegmentName active) {
    static final String FILE = "manifest";

    private static final String MAGIC = "TMMANIFE";
    private static final int VERSION = 1;
    private static final int HEADER_LENGTH = 16;
    private static final int SEALED_LENGTH = 32;

    /**
     * @param endPosition where the last batch that counts ends
     */
    record Sealed(SegmentName name, long endOffset, long endPosition) {}

    static Manifest read(Path directory) {
        byte[] content = file(directory).read();
        if (content == null) {
            return new Manifest(List.of(), new SegmentName(0, 0));
        }
        ByteBuffer buffer = ByteBuffer.wrap(content).order(LITTLE_ENDIAN);
        if (content.length < HEADER_LENGTH) {
            throw corrupt(directory, content.length);
        }
        SegmentName active = new SegmentName(buffer.getLong(), buffer.getInt());
        int count = buffer.getInt();
        if (content.length != HEADER_LENGTH + (long) count * SEALED_LENGTH) {
            throw corrupt(directory, content.length);
        }
        List<Sealed> sealed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SegmentName name = new SegmentName(buffer.getLong(), buffer.getInt());
            buffer.getInt();
            sealed.add(new Sealed(name, buffer.getLong(), buffer.getLong()));
        }
        return new Manifest(List.copyOf(sealed), active);
    }

    /** Of the same log after its active segment ended there. */
    Manifest withActiveSealed(long endOffset, long endPosition) {
        List<Sealed> all = new ArrayList<>(sealed);
        all.add(new Sealed(active, endOffset, endPosition));
        return new Manifest(List.copyOf(all), new SegmentName(endOffset, active.ordinal() + 1));
    }

    void write(Path directory) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_LENGTH + sealed.size() * SEALED_LENGTH)
                .order(LITTLE_ENDIAN);
        put(buffer, active).putInt(sealed.size());
        for (Sealed segment : sealed) {
            put(buffer, segment.name()).putInt(0).putLong(segment.endOffset()).putLong(segment.endPosition());
        }
        file(directory).write(buffer.array(), directory.resolve(FILE + ".tmp"));
    }

    private static ByteBuffer put(ByteBuffer buffer, SegmentName name) {
        return buffer.putLong(name.baseOffset()).putInt(name.ordinal());
    }

    private static SealedFile file(Path directory) {
        return new SealedFile(directory.resolve(FILE), MAGIC, VERSION);
    }

    private static CorruptRecordException corrupt(Path directory, int length) {
        return new CorruptRecordException(
                "manifest is not as long as it says: file=" + directory.resolve(FILE) + ", bytes=" + length);
    }
}
