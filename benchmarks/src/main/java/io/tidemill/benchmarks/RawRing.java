package io.tidemill.benchmarks;

import io.tidemill.runtime.JvmAccess;
import java.nio.ByteBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Agrona's ring of many producers, from one thread to another, record by record: the way into a lane at its best. */
@State(Scope.Benchmark)
public class RawRing extends RecordsPerSecond {
    private static final int CAPACITY_BYTES = 4 << 20;
    private static final int MESSAGE_TYPE = 1;

    private final Sum sum = new Sum();
    private ManyToOneRingBuffer ring;

    /** As large as a lane's. */
    @Setup
    public void open() {
        JvmAccess.ensureAgrona();
        ring = new ManyToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    }

    /** Claim, encode, commit here; read there. */
    @Benchmark
    public long handOver() throws Exception {
        sum.reset();
        SecondThread reader = SecondThread.run(this::readAll);
        for (int number = 0; number < RECORDS; number++) {
            int index = ring.tryClaim(MESSAGE_TYPE, Payload.LENGTH);
            while (index < 0) {
                if (reader.isDone()) {
                    throw new IllegalStateException("the reader gave up: read=" + sum.count());
                }
                Thread.yield();
                index = ring.tryClaim(MESSAGE_TYPE, Payload.LENGTH);
            }
            Payload.encode(ring.buffer(), index, number);
            ring.commit(index);
        }
        reader.join();
        return sum.check(0, RECORDS);
    }

    private void readAll() {
        MessageHandler handler = (type, buffer, index, length) -> sum.add(buffer, index, length);
        while (sum.count() < RECORDS) {
            if (ring.read(handler) == 0) {
                Thread.yield();
            }
        }
    }
}
