package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.SealLayout;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Two brokers, frame by frame. */
class LinksTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int FRAME_BYTES_MAX = 16 * 1024;
    private static final LinkSettings SETTINGS =
            LinkSettings.defaults().withWindows(16 * 1024, 64 * 1024).withTimes(10_000 * MS, 30_000 * MS);

    private final StagedWire wire = new StagedWire(FRAME_BYTES_MAX);
    private final Listener one = new Listener();
    private final Listener two = new Listener();
    private final Links first = links(1, 2, SETTINGS);
    private final Links second = links(2, 1, SETTINGS);
    private long nowNs = Long.MAX_VALUE - 5 * MS;

    /** Notes what it hears. */
    private static final class Listener implements LinkHandler {
        private final List<String> heard = new ArrayList<>();
        private final List<byte[]> messages = new ArrayList<>();

        @Override
        public void onConnected(int brokerId) {
            heard.add("connected " + brokerId);
        }

        @Override
        public void onMessage(int fromBrokerId, int channel, DirectBuffer buffer, int index, int length) {
            byte[] bytes = new byte[length];
            buffer.getBytes(index, bytes);
            messages.add(bytes);
            heard.add("message " + fromBrokerId + " " + channel);
        }

        @Override
        public void onDisconnected(int brokerId) {
            heard.add("disconnected " + brokerId);
        }
    }

    private Links links(int id, int peerId, LinkSettings settings) {
        Links links = new Links(settings, wire.open(id), new Checksums(), new SplittableRandom(id));
        links.addPeer(peerId, nowNs);
        return links;
    }

    /** Lets time and frames pass. */
    private void pass(int ms) {
        for (int i = 0; i < 4 * ms; i++) {
            first.poll(one, nowNs);
            second.poll(two, nowNs);
            nowNs += MS / 4;
        }
    }

    private void connect() {
        pass(5);
        assertEquals(List.of("connected 2"), one.heard);
        assertEquals(List.of("connected 1"), two.heard);
        one.heard.clear();
        two.heard.clear();
        wire.sent.clear();
    }

    private static UnsafeBuffer message(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return new UnsafeBuffer(bytes);
    }

    @Test
    void messagesOfEverySizeArriveInOrder() {
        connect();
        int[] lengths = {0, 1, 100, 1404, 5_000, SETTINGS.messageBytesMax(Links.DATA)};

        for (int length : lengths) {
            assertTrue(first.send(2, Links.DATA, message(length), 0, length));
            pass(10);
        }

        assertEquals(lengths.length, two.messages.size());
        for (int i = 0; i < lengths.length; i++) {
            assertArrayEquals(message(lengths[i]).byteArray(), two.messages.get(i));
        }
    }

    @Test
    void refusesMessagesThatAreTooLong() {
        int tooLong = SETTINGS.messageBytesMax(Links.CONTROL) + 1;

        assertThrows(IllegalArgumentException.class, () -> first.send(2, Links.CONTROL, message(tooLong), 0, tooLong));
    }

    @Test
    void takesNothingForThoseWhoAreNotConnected() {
        assertFalse(first.send(2, Links.DATA, message(10), 0, 10));
        assertFalse(first.send(99, Links.DATA, message(10), 0, 10));
    }

    @Test
    void smallMessagesShareAFrame() {
        connect();
        for (int i = 0; i < 20; i++) {
            first.send(2, Links.DATA, message(50), 0, 50);
        }

        first.flush(nowNs);

        assertEquals(1, wire.sent.size());
        pass(1);
        assertEquals(20, two.messages.size());
    }

    @Test
    void controlIsSentBeforeDataThatWaits() {
        connect();
        while (first.send(2, Links.DATA, message(1000), 0, 1000)) {
            // Until there is no room.
        }
        first.send(2, Links.CONTROL, message(10), 0, 10);

        first.flush(nowNs);

        assertEquals(Links.CONTROL, wire.sent.get(0)[SealLayout.CHANNEL]);
        pass(1);
        assertEquals("message 1 " + Links.CONTROL, two.heard.get(0));
    }

    @Test
    void aPeerThatDoesNotReadHoldsUpItsSenderOnly() {
        connect();

        int taken = 0;
        while (first.send(2, Links.DATA, message(1000), 0, 1000)) {
            taken++;
            first.poll(one, nowNs);
        }

        assertTrue(taken * 1004 <= 2 * 64 * 1024, "taken=" + taken);
        assertTrue(wire.sentBytes() <= 64 * 1024 + 100 * wire.sent.size(), "sent=" + wire.sentBytes());
        pass(100);
        assertEquals(taken, two.messages.size());
    }

    @Test
    void aFrameThatIsLostIsAskedForAtOnceAndSentAgainAlone() {
        connect();
        first.send(2, Links.DATA, message(1300), 0, 1300);
        wire.loseNext = 1;
        first.flush(nowNs);
        first.send(2, Links.DATA, message(1200), 0, 1200);
        first.flush(nowNs);
        wire.sent.clear();

        pass(2);

        assertEquals(2, two.messages.size());
        assertEquals(1, wire.count(FrameLayout.TYPE_NAK));
        assertEquals(1, wire.count(FrameLayout.TYPE_DATA));
    }

    @Test
    void theLastFrameIsFoundToBeLostWithoutASignOfLife() {
        connect();
        first.send(2, Links.DATA, message(100), 0, 100);
        wire.loseNext = 1;
        first.flush(nowNs);

        pass(60);

        assertEquals(1, two.messages.size());
    }

    @Test
    void anAcknowledgementThatIsLostIsRepeatedWhenAskedFor() {
        connect();
        first.send(2, Links.DATA, message(100), 0, 100);
        first.flush(nowNs);
        second.poll(two, nowNs);
        nowNs += 2 * MS;
        wire.loseNext = 1;
        second.poll(two, nowNs);
        assertEquals(1, wire.count(FrameLayout.TYPE_STATUS));

        pass(60);
        wire.sent.clear();
        pass(2_000);

        // Neither waits for anything any more.
        assertEquals(List.of(), wire.sent);
    }

    @Test
    void aPeerThatWasStartedAgainIsAnotherOne() {
        connect();
        Links again = links(2, 1, SETTINGS);
        Listener three = new Listener();

        for (int i = 0; i < 20; i++) {
            first.poll(one, nowNs);
            again.poll(three, nowNs);
            nowNs += MS;
        }

        assertEquals(List.of("disconnected 2", "connected 2"), one.heard);
        assertEquals(List.of("connected 1"), three.heard);
    }

    @Test
    void aFarewellIsHeardAtOnce() {
        connect();

        second.close(nowNs);
        first.poll(one, nowNs);

        assertEquals(List.of("disconnected 2"), one.heard);
    }

    @Test
    void whoIsForgottenIsNotHeard() {
        connect();

        first.removePeer(2, nowNs);
        pass(5);

        assertFalse(first.isConnected(2));
        assertEquals(List.of("disconnected 1"), two.heard);
        assertEquals(List.of(), one.heard);
    }

    @Test
    void aPeerThatIsSilentForTheTimeOutIsGone() {
        connect();

        nowNs += SETTINGS.peerTimeoutNs() - 10 * MS;
        first.poll(one, nowNs);
        assertEquals(List.of(), one.heard);
        nowNs += 10 * MS;
        first.poll(one, nowNs);

        assertEquals(List.of("disconnected 2"), one.heard);
    }

    @Test
    void knowsWhenAPeerWasHeardLastAlsoWhenItIsGone() {
        assertEquals(nowNs, first.heardNs(2, nowNs));
        connect();

        nowNs += SETTINGS.peerTimeoutNs() - 10 * MS;
        first.poll(one, nowNs);
        long silentNs = nowNs - first.heardNs(2, nowNs);
        nowNs += 10 * MS;
        first.poll(one, nowNs);

        assertTrue(silentNs >= SETTINGS.peerTimeoutNs() - 10 * MS, "silentNs=" + silentNs);
        assertEquals(List.of("disconnected 2"), one.heard);
        assertEquals(silentNs + 10 * MS, nowNs - first.heardNs(2, nowNs));
    }

    @Test
    void framesGrowAsLongAsTheyArrive() {
        connect();

        first.send(2, Links.DATA, message(50_000), 0, 50_000);
        first.flush(nowNs);

        assertEquals(FRAME_BYTES_MAX, longestSent(), 100);
    }

    @Test
    void framesStayShortWhereLongOnesDoNotArrive() {
        wire.frameBytesCarried = 9 * 1024;
        connect();
        pass(200);
        wire.sent.clear();

        first.send(2, Links.DATA, message(50_000), 0, 50_000);
        pass(50);

        assertEquals(8 * 1024, longestSent());
        assertEquals(1, two.messages.size());
    }

    @Test
    void framesAreShortAgainWhereLongOnesDoNotArriveAnyMore() {
        connect();
        wire.frameBytesCarried = 1500;

        first.send(2, Links.DATA, message(50_000), 0, 50_000);
        pass(1_000);

        assertEquals(1, two.messages.size());
        wire.sent.clear();
        first.send(2, Links.DATA, message(20_000), 0, 20_000);
        pass(50);
        assertEquals(2, two.messages.size());
        assertEquals(1408, longestSent());
    }

    @Test
    void framesGrowAgainWhereLongOnesArriveAgain() {
        wire.frameBytesCarried = 1500;
        connect();
        pass(1_000);
        wire.frameBytesCarried = Integer.MAX_VALUE;
        pass(2_000);
        wire.sent.clear();

        first.send(2, Links.DATA, message(50_000), 0, 50_000);
        pass(10);

        assertEquals(FRAME_BYTES_MAX, longestSent(), 100);
    }

    @Test
    void framesStayLongWhenAPeerWasBusyForAWhile() {
        connect();
        first.send(2, Links.DATA, message(50_000), 0, 50_000);
        for (int i = 0; i < 1_000; i++) {
            first.poll(one, nowNs);
            nowNs += MS;
        }
        pass(50);
        wire.sent.clear();

        first.send(2, Links.DATA, message(50_001), 0, 50_001);
        pass(50);

        assertEquals(2, two.messages.size());
        assertEquals(FRAME_BYTES_MAX, longestSent(), 100);
    }

    private int longestSent() {
        return wire.sent.stream().mapToInt(frame -> frame.length).max().orElseThrow();
    }

    @Test
    void aConnectionThatIsIdleSleepsUntilTheNextSignOfLife() {
        connect();
        pass(100);

        long idleNs = first.idleNsMax(nowNs);

        assertTrue(idleNs > SETTINGS.keepAliveNs() / 2, "idleNs=" + idleNs);
        assertEquals(0, first.poll(one, nowNs));
    }

    @Test
    void damagedFramesAreDroppedAndCounted() {
        connect();
        first.send(2, Links.DATA, message(100), 0, 100);
        wire.damageNext = true;
        long foreignBefore = second.foreignFrames();
        first.flush(nowNs);

        second.poll(two, nowNs);

        assertEquals(List.of(), two.messages);
        assertEquals(foreignBefore + 1, second.foreignFrames());
    }

    @Test
    void aTransportMustCarrySafeFrames() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Links(SETTINGS, new StagedWire(1000).open(1), new Checksums(), new SplittableRandom(1)));
    }
}
