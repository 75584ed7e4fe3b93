package io.tidemill.batch;

import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Direct memory for one batch at a time, none of it before one comes. Owned by one thread. */
public final class BatchMemory {
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

    /** With room for so many bytes. What was in it may be gone. */
    public UnsafeBuffer withRoom(int bytes) {
        if (bytes > buffer.capacity()) {
            buffer.wrap(ByteBuffer.allocateDirect(BitUtil.findNextPositivePowerOfTwo(bytes)));
        }
        return buffer;
    }

    /** As it was left. */
    public UnsafeBuffer buffer() {
        return buffer;
    }
}
