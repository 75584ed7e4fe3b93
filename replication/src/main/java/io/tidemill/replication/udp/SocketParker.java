package io.tidemill.replication.udp;

import io.tidemill.errors.NetworkException;
import io.tidemill.runtime.DeferredInterrupt;
import io.tidemill.spi.Parker;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sleeps in the selector of one socket. Times shorter than a millisecond are rounded up to one, which is the least that a
 * selector knows.
 *
 * <p>One thread parks, any thread may unpark it. An interrupt ends a wait and is kept, but does not make the next one shorter: a
 * thread that stays interrupted would spin.
 */
final class SocketParker implements Parker, AutoCloseable {
    private static final Consumer<SelectionKey> IGNORE = key -> {};

    private final Selector selector;

    private SocketParker(Selector selector) {
        this.selector = selector;
    }

    static SocketParker of(DatagramChannel channel) throws IOException {
        Selector selector = channel.provider().openSelector();
        channel.register(selector, SelectionKey.OP_READ);
        return new SocketParker(selector);
    }

    @Override
    public void park(long maxNs) {
        if (maxNs > 0 && selector.isOpen()) {
            long maxMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(maxNs));
            DeferredInterrupt.run(() -> select(maxMs));
        }
    }

    private void select(long maxMs) {
        try {
            selector.select(IGNORE, maxMs);
        } catch (IOException e) {
            throw new NetworkException("cannot wait for frames", e);
        }
    }

    @Override
    public void unpark(Thread thread) {
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
