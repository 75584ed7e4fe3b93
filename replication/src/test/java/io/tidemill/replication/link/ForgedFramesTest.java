package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.Protection;
import io.tidemill.replication.secret.SealLayout;
import io.tidemill.replication.secret.SharedSecret;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** L06: with a secret, frames that are forged, replayed, cut or foreign change nothing, and are not answered with more than they are. */
class ForgedFramesTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final byte[] SECRET = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    private static final LinkSettings SETTINGS = LinkSettings.defaults().withTimes(10_000 * MS, 30_000 * MS);

    private final StagedWire wire = new StagedWire(1408);
    private final List<String> heard = new ArrayList<>();
    private final Links first = links(1, 2, new SharedSecret(SECRET));
    private final Links second = links(2, 1, new SharedSecret(SECRET));
    private long nowNs;

    private final LinkHandler handler = new LinkHandler() {
        @Override
        public void onConnected(int brokerId) {
            heard.add("connected " + brokerId);
        }

        @Override
        public void onMessage(int fromBrokerId, int channel, DirectBuffer buffer, int index, int length) {
            heard.add("message " + buffer.getInt(index));
        }

        @Override
        public void onDisconnected(int brokerId) {
            heard.add("disconnected " + brokerId);
        }
    };

    private Links links(int id, int peerId, Protection protection) {
        Links links = new Links(SETTINGS, wire.open(id), protection, new SplittableRandom(id));
        links.addPeer(peerId, nowNs);
        return links;
    }

    private void pass(int ms) {
        for (int i = 0; i < ms; i++) {
            first.poll(handler, nowNs);
            second.poll(handler, nowNs);
            nowNs += MS;
        }
    }

    private void talk(int firstMessage, int messages) {
        for (int i = 0; i < messages; i++) {
            UnsafeBuffer message = new UnsafeBuffer(new byte[300]);
            message.putInt(0, firstMessage + i);
            assertTrue(first.send(2, Links.DATA, message, 0, message.capacity()));
            pass(1);
        }
    }

    /** Lets the second broker look at a frame, and tells with how many bytes it answers. */
    private long answerTo(byte[] frame) {
        wire.sent.clear();
        wire.inject(1, 2, frame);
        second.poll(handler, nowNs);
        return wire.sentBytes();
    }

    /** Everything that the two say to each other, from the first greeting on. */
    private List<byte[]> record() {
        pass(20);
        talk(0, 30);
        pass(20);
        assertEquals(32, heard.size(), heard::toString);
        heard.clear();
        return List.copyOf(wire.sent);
    }

    @Test
    void replayedFramesChangeNothing() {
        List<byte[]> recorded = record();

        for (byte[] frame : recorded) {
            assertTrue(answerTo(frame) <= frame.length);
        }

        talk(30, 3);
        pass(5);
        assertEquals(List.of("message 30", "message 31", "message 32"), heard);
    }

    @Test
    void framesOfAFormerIncarnationChangeNothing() {
        List<byte[]> recorded = record();
        Links again = links(2, 1, new SharedSecret(SECRET));
        for (int i = 0; i < 20; i++) {
            first.poll(handler, nowNs);
            again.poll(handler, nowNs);
            nowNs += MS;
        }
        heard.clear();

        for (byte[] frame : recorded) {
            wire.sent.clear();
            wire.inject(1, 2, frame);
            again.poll(handler, nowNs);
            assertTrue(wire.sentBytes() <= frame.length);
            again.poll(handler, nowNs);
            first.poll(handler, nowNs);
        }

        assertEquals(List.of(), heard);
        assertTrue(first.isConnected(2));
        assertTrue(again.isConnected(1));
    }

    @Test
    void forgedAndCutFramesChangeNothing() {
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> recorded = record();
        long foreignBefore = second.foreignFrames();

        for (byte[] frame : recorded) {
            byte[] forged = frame.clone();
            forged[random.nextInt(forged.length)] ^= (byte) (1 << random.nextInt(8));
            assertEquals(0, answerTo(forged));
            assertEquals(0, answerTo(Arrays.copyOf(frame, random.nextInt(frame.length))));
        }

        assertEquals(foreignBefore + 2L * recorded.size(), second.foreignFrames());
        talk(30, 1);
        pass(5);
        assertEquals(List.of("message 30"), heard);
    }

    @Test
    void bytesOfAnyKindChangeNothing() {
        record();
        SplittableRandom random = new SplittableRandom(8);

        for (int i = 0; i < 2_000; i++) {
            byte[] frame = new byte[1 + random.nextInt(200)];
            random.nextBytes(frame);
            if (frame.length > SealLayout.TYPE) {
                frame[SealLayout.VERSION] = FrameLayout.VERSION_1;
                frame[SealLayout.TYPE] = (byte) random.nextInt(9);
            }
            assertEquals(0, answerTo(frame));
        }

        assertEquals(List.of(), heard);
    }

    @Test
    void whoHasNoSecretIsNotHeard() {
        Links third = links(2, 1, new Checksums());

        for (int i = 0; i < 100; i++) {
            first.poll(handler, nowNs);
            third.poll(handler, nowNs);
            nowNs += MS;
        }

        assertEquals(List.of(), heard);
        assertFalse(first.isConnected(2));
        assertFalse(third.isConnected(1));
    }

    @Test
    void whoHasAnotherSecretIsNotHeard() {
        Links third = links(2, 1, new SharedSecret(new byte[16]));

        for (int i = 0; i < 100; i++) {
            first.poll(handler, nowNs);
            third.poll(handler, nowNs);
            nowNs += MS;
        }

        assertEquals(List.of(), heard);
    }

    /** A frame says on its outside whom it is from; that is what anybody can forge. */
    @Test
    void aGreetingOfAnotherBrokerIsNotHeard() {
        record();
        wire.sent.clear();
        Links third = new Links(SETTINGS, wire.open(3), new SharedSecret(SECRET), new SplittableRandom(3));
        wire.open(4);
        third.addPeer(4, nowNs);
        third.poll(handler, nowNs);
        byte[] greeting = wire.sent.get(0);

        assertEquals(0, answerTo(greeting));
    }
}
