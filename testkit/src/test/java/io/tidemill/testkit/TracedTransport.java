package io.tidemill.testkit;

import io.tidemill.spi.Transport;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/** Passes frames on, and adds each that is sent to a trace: two runs with one trace did the same. */
final class TracedTransport implements Transport {
    /** Of all brokers of a run. */
    static final class Trace {
        private long hash;

        private void add(int fromId, int toId, long content) {
            hash = 31 * (31 * (31 * hash + fromId) + toId) + content;
        }

        long hash() {
            return hash;
        }
    }

    private final Transport transport;
    private final Trace trace;

    TracedTransport(Transport transport, Trace trace) {
        this.transport = transport;
        this.trace = trace;
    }

    @Override
    public int brokerId() {
        return transport.brokerId();
    }

    @Override
    public int frameBytesMax() {
        return transport.frameBytesMax();
    }

    @Override
    public boolean send(int toBrokerId, DirectBuffer buffer, int index, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(index, bytes);
        CRC32C content = new CRC32C();
        content.update(bytes);
        trace.add(brokerId(), toBrokerId, content.getValue());
        return transport.send(toBrokerId, buffer, index, length);
    }

    @Override
    public int poll(FrameHandler handler, int framesMax) {
        return transport.poll(handler, framesMax);
    }

    @Override
    public void close() {
        transport.close();
    }
}
