package io.tidemill.log;

import io.tidemill.log.chronicle.ChronicleSegment;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The batch that is being appended. A large one is written to the file, which costs one call; a small one is copied into
 * the mapping, which costs a fault for every page that is new to it. Owned by the writer's thread.
 */
final class BatchBody implements ChronicleSegment.Body {
    /** From here on a call is cheaper than the faults: two pages. */
    private static final int WRITE_BYTES_MIN = 8 * 1024;

    private final LogFile file;
    private DirectBuffer source = new UnsafeBuffer(0, 0);
    private int sourceIndex;
    private int length;
    /** The memory of a source, and a view of it with a position of its own. */
    private @Nullable ByteBuffer viewed;

    private @Nullable ByteBuffer view;

    BatchBody(LogFile file) {
        this.file = file;
    }

    /** Until the next call the buffer must hold it. */
    void wrap(DirectBuffer buffer, int index, int batchLength) {
        source = buffer;
        sourceIndex = index;
        length = batchLength;
    }

    @Override
    public void write(long position, UnsafeBuffer mapping) {
        ByteBuffer bytes = source.byteBuffer();
        if (length < WRITE_BYTES_MIN || bytes == null || !bytes.isDirect()) {
            mapping.putBytes(0, source, sourceIndex, length);
            return;
        }
        int first = source.wrapAdjustment() + sourceIndex;
        file.write(viewOf(bytes).limit(first + length).position(first), position);
    }

    private ByteBuffer viewOf(ByteBuffer bytes) {
        ByteBuffer present = view;
        if (present == null || viewed != bytes) {
            present = bytes.duplicate();
            view = present;
            viewed = bytes;
        }
        return present;
    }
}
