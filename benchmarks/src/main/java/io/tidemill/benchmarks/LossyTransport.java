package io.tidemill.benchmarks;

import io.tidemill.spi.Transport;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;

/** Loses a part of what is sent over another one. */
final class LossyTransport implements Transport {
    private final Transport transport;
    private final double loss;
    private final SplittableRandom random = new SplittableRandom(1);

    LossyTransport(Transport transport, double loss) {
        this.transport = transport;
        this.loss = loss;
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
        return (loss > 0 && random.nextDouble() < loss) || transport.send(toBrokerId, buffer, index, length);
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
