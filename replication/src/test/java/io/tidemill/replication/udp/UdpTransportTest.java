package io.tidemill.replication.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.errors.NetworkException;
import io.tidemill.runtime.JvmAccess;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What sockets add to the contract: addresses, and sleeping until something comes. */
class UdpTransportTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(10);
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    private final UdpTransport one = UdpTransport.open(1, ANY_PORT, UdpSettings.defaults());
    private final UdpTransport two = UdpTransport.open(2, ANY_PORT, UdpSettings.defaults());

    @AfterEach
    void close() {
        Thread.interrupted();
        one.close();
        two.close();
    }

    private static boolean send(UdpTransport from, int to) {
        return from.send(to, new UnsafeBuffer(new byte[10]), 0, 10);
    }

    private static int poll(UdpTransport transport) {
        return transport.poll((from, buffer, index, length) -> {}, 10);
    }

    @Test
    void sleepsUntilAFrameArrives() {
        one.addPeer(2, two.localAddress());
        two.addPeer(1, one.localAddress());
        Thread sender = new Thread(() -> send(one, 2));

        sender.start();
        two.parker().park(LONG_NS);

        assertEquals(1, poll(two));
    }

    @Test
    void sleepsUntilItIsUnparked() {
        Thread sleeper = Thread.currentThread();
        Thread other = new Thread(() -> one.parker().unpark(sleeper));

        other.start();
        one.parker().park(LONG_NS);

        assertEquals(0, poll(one));
    }

    @Test
    void doesNotSleepWhereItWasUnparkedBefore() {
        one.parker().unpark(Thread.currentThread());

        one.parker().park(LONG_NS);

        assertEquals(0, poll(one));
    }

    @Test
    void doesNotSleepWhileFramesWait() {
        one.addPeer(2, two.localAddress());
        two.addPeer(1, one.localAddress());
        send(one, 2);

        two.parker().park(LONG_NS);
        two.parker().park(LONG_NS);

        assertEquals(1, poll(two));
    }

    @Test
    void sleepsForTheTimeItWasTold() {
        long startNs = System.nanoTime();

        one.parker().park(TimeUnit.MILLISECONDS.toNanos(20));

        assertTrue(System.nanoTime() - startNs >= TimeUnit.MILLISECONDS.toNanos(19));
    }

    @Test
    void anInterruptEndsASleepAndNothingElse() {
        one.addPeer(2, two.localAddress());
        two.addPeer(1, one.localAddress());
        Thread sleeper = Thread.currentThread();
        AtomicBoolean isAwake = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!isAwake.get()) {
                sleeper.interrupt();
            }
        });
        other.start();
        one.parker().park(LONG_NS);
        isAwake.set(true);
        while (other.isAlive()) {
            Thread.onSpinWait();
        }
        assertTrue(sleeper.isInterrupted());

        // It sleeps again, though it is interrupted: otherwise its thread would spin.
        long startNs = System.nanoTime();
        one.parker().park(TimeUnit.MILLISECONDS.toNanos(20));
        assertTrue(System.nanoTime() - startNs >= TimeUnit.MILLISECONDS.toNanos(19));

        assertTrue(send(one, 2));
        assertEquals(0, poll(one));
        assertTrue(sleeper.isInterrupted());
        assertEquals(1, poll(two));
    }

    @Test
    void datagramsFromElsewhereAreDropped() throws IOException {
        one.addPeer(2, two.localAddress());
        try (DatagramSocket stranger = new DatagramSocket(ANY_PORT)) {
            stranger.send(new DatagramPacket(new byte[10], 10, one.localAddress()));
        }

        assertEquals(0, poll(one));
    }

    @Test
    void aPeerMayMoveAndBeForgotten() {
        one.addPeer(2, new InetSocketAddress("127.0.0.1", 9));
        one.addPeer(2, two.localAddress());
        two.addPeer(1, one.localAddress());
        assertTrue(send(one, 2));
        assertEquals(1, poll(two));

        one.removePeer(2);

        assertFalse(send(one, 2));
    }

    @Test
    void twoPeersHaveTwoAddresses() {
        one.addPeer(2, two.localAddress());

        assertThrows(IllegalArgumentException.class, () -> one.addPeer(3, two.localAddress()));
    }

    @Test
    void namesAreResolved() {
        one.addPeer(
                2,
                InetSocketAddress.createUnresolved(
                        "localhost", two.localAddress().getPort()));

        assertTrue(send(one, 2));
    }

    @Test
    void anAddressThatIsTakenIsRefused() {
        assertThrows(NetworkException.class, () -> UdpTransport.open(3, one.localAddress(), UdpSettings.defaults()));
    }

    @Test
    void aHostThatNobodyKnowsIsRefused() {
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 1);

        assertThrows(NetworkException.class, () -> one.addPeer(2, nowhere));
    }

    @Test
    void framesAreNoLongerThanItWasTold() {
        try (UdpTransport small =
                UdpTransport.open(3, ANY_PORT, UdpSettings.defaults().withFrameBytesMax(1408))) {
            assertEquals(1408, small.frameBytesMax());
            small.addPeer(1, one.localAddress());
            one.addPeer(3, small.localAddress());

            one.send(3, new UnsafeBuffer(new byte[1409]), 0, 1409);

            assertEquals(0, poll(small));
        }
    }
}
