package io.tidemill.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Transport} keeps. It may lose, double, delay and reorder frames, so the tests send until something
 * arrives, and look only at what does. The class is public so that other modules can extend it.
 */
public abstract class TransportContract {
    /** More than any network that is fit for a test needs to carry one frame. */
    private static final int ATTEMPTS_MAX = 10_000;

    static {
        JvmAccess.ensureAgrona();
    }

    private record Arrival(int fromBrokerId, byte[] bytes) {}

    private final List<Arrival> arrived = new ArrayList<>();
    private List<Transport> transports;
    private Transport first;
    private Transport second;
    private Transport third;

    /** Three transports that know each other, with the broker ids 1, 2 and 3. */
    protected abstract List<Transport> connectThree();

    /** Called between two polls, so that what is on its way can arrive. */
    protected abstract void passTime();

    @BeforeEach
    final void connect() {
        transports = connectThree();
        first = transports.get(0);
        second = transports.get(1);
        third = transports.get(2);
    }

    @AfterEach
    final void closeTransports() {
        transports.forEach(Transport::close);
    }

    @Test
    void tellsItsBrokerId() {
        assertEquals(1, first.brokerId());
        assertEquals(2, second.brokerId());
        assertEquals(3, third.brokerId());
    }

    @Test
    void framesOfEverySizeArriveWholeAndUnchanged() {
        for (int length : new int[] {1, 2, 7, 8, 64, 1000, first.frameBytesMax()}) {
            byte[] frame = frame(length);

            carry(first, second, frame);

            assertArrayEquals(frame, arrived.get(0).bytes);
            drain(second);
        }
    }

    @Test
    void framesTellWhoSentThem() {
        carry(first, third, frame(10));
        assertEquals(1, arrived.get(0).fromBrokerId);
        drain(third);

        carry(second, third, frame(20));
        assertEquals(2, arrived.get(0).fromBrokerId);
    }

    @Test
    void nobodyElseGetsTheFrame() {
        carry(first, second, frame(10));
        arrived.clear();

        poll(third, 100);
        poll(first, 100);

        assertEquals(List.of(), arrived);
    }

    @Test
    void theFrameIsCopiedBeforeSendReturns() {
        byte[] frame = frame(100);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[200]);
        for (int attempt = 0; arrived.isEmpty(); attempt++) {
            checkAttempts(attempt);
            buffer.putBytes(50, frame);
            first.send(2, buffer, 50, frame.length);
            buffer.setMemory(0, buffer.capacity(), (byte) 0xff);
            passTime();
            poll(second, 100);
        }

        assertArrayEquals(frame, arrived.get(0).bytes);
    }

    @Test
    void refusesFramesThatAreEmptyOrTooLong() {
        int tooLong = first.frameBytesMax() + 1;
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[tooLong]);

        assertThrows(IllegalArgumentException.class, () -> first.send(2, buffer, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> first.send(2, buffer, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> first.send(2, buffer, 0, tooLong));
    }

    @Test
    void aFrameToNobodyIsNotSent() {
        assertFalse(first.send(99, new UnsafeBuffer(frame(10)), 0, 10));
    }

    @Test
    void pollsNothingWhereNothingArrived() {
        assertEquals(0, poll(first, 100));
        assertEquals(0, poll(first, 0));
    }

    @Test
    void handsOverNoMoreFramesThanAskedFor() {
        Set<Integer> awaited = Set.of(10, 11, 12, 13, 14);
        List<Integer> lengths = new ArrayList<>();
        for (int attempt = 0; !lengths.containsAll(awaited); attempt++) {
            checkAttempts(attempt);
            for (int length : awaited) {
                first.send(2, new UnsafeBuffer(frame(length)), 0, length);
            }
            passTime();
            assertEquals(0, poll(second, 0));
            int frames = poll(second, 3);
            assertTrue(frames <= 3);
            assertEquals(frames, arrived.size());
            arrived.forEach(arrival -> lengths.add(arrival.bytes.length));
            arrived.clear();
        }
    }

    @Test
    void aHandlerMaySend() {
        byte[] question = frame(10);
        for (int attempt = 0; arrived.isEmpty(); attempt++) {
            checkAttempts(attempt);
            first.send(2, new UnsafeBuffer(question), 0, question.length);
            passTime();
            second.poll((from, buffer, index, length) -> second.send(from, buffer, index, length), 100);
            passTime();
            poll(first, 100);
        }

        assertEquals(2, arrived.get(0).fromBrokerId);
        assertArrayEquals(question, arrived.get(0).bytes);
    }

    @Test
    void refusesToBeUsedAfterClose() {
        first.close();
        first.close();

        assertThrows(IllegalStateException.class, () -> first.send(2, new UnsafeBuffer(frame(10)), 0, 10));
        assertThrows(IllegalStateException.class, () -> poll(first, 1));
    }

    @Test
    void aPeerThatClosedDisturbsNobody() {
        second.close();

        for (int i = 0; i < 10; i++) {
            first.send(2, new UnsafeBuffer(frame(10)), 0, 10);
        }
        carry(first, third, frame(20));

        assertEquals(20, arrived.get(0).bytes.length);
    }

    /** Sends until something arrives. */
    private void carry(Transport from, Transport to, byte[] frame) {
        arrived.clear();
        for (int attempt = 0; arrived.isEmpty(); attempt++) {
            checkAttempts(attempt);
            assertTrue(from.send(to.brokerId(), new UnsafeBuffer(frame), 0, frame.length));
            passTime();
            poll(to, 100);
        }
    }

    /** Takes copies and latecomers out of the way of the next frame. */
    private void drain(Transport transport) {
        for (int empty = 0; empty < 100; empty++) {
            passTime();
            if (poll(transport, 100) > 0) {
                empty = 0;
            }
        }
    }

    private int poll(Transport transport, int framesMax) {
        return transport.poll(
                (fromBrokerId, buffer, index, length) -> {
                    byte[] bytes = new byte[length];
                    buffer.getBytes(index, bytes);
                    arrived.add(new Arrival(fromBrokerId, bytes));
                },
                framesMax);
    }

    private static void checkAttempts(int attempt) {
        if (attempt == ATTEMPTS_MAX) {
            fail("nothing arrived: attempts=" + attempt);
        }
    }

    /** Random bytes, the same for the same length. */
    private static byte[] frame(int length) {
        byte[] frame = new byte[length];
        new SplittableRandom(length).nextBytes(frame);
        return frame;
    }
}
