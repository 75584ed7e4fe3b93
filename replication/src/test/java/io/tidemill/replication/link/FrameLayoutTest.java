package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.Nonce;
import io.tidemill.replication.secret.SealLayout;
import io.tidemill.runtime.JvmAccess;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The bytes of frames, which brokers of other versions have to understand. */
class FrameLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final long SESSION_ID = 0x1112131415161718L;

    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[80]);

    private String hex(int length) {
        return HexFormat.of().formatHex(frame.byteArray(), 0, length);
    }

    private static String header(String type, String channel) {
        return "00000000" + "01" + type + channel + "00" + "1817161514131211" + "0000000000000000";
    }

    @Test
    void data() {
        FrameLayout.putHeader(frame, FrameLayout.TYPE_DATA, Links.DATA, SESSION_ID);
        FrameLayout.putData(frame, 0x0102030405060708L, 0x0a0b0c0d0e0f1011L);

        assertEquals(header("02", "01") + "0807060504030201" + "11100f0e0d0c0b0a", hex(FrameLayout.DATA_BYTES));
        assertEquals(FrameLayout.VERSION_1, FrameLayout.version(frame, 0));
        assertEquals(FrameLayout.TYPE_DATA, FrameLayout.type(frame, 0));
        assertEquals(Links.DATA, FrameLayout.channel(frame));
        assertEquals(SESSION_ID, SealLayout.sessionId(frame, 0));
        assertEquals(0x0102030405060708L, FrameLayout.dataPosition(frame));
        assertEquals(0x0a0b0c0d0e0f1011L, FrameLayout.dataReceived(frame));
    }

    @Test
    void status() {
        FrameLayout.putHeader(frame, FrameLayout.TYPE_STATUS, FrameLayout.STATUS_ASKS, SESSION_ID);
        FrameLayout.putStatus(frame, Links.CONTROL, 1, 2);
        FrameLayout.putStatus(frame, Links.DATA, 3, 0x0102030405060708L);

        assertEquals(
                header("03", "01") + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201",
                hex(FrameLayout.STATUS_LENGTH));
        assertEquals(1, FrameLayout.statusReceived(frame, Links.CONTROL));
        assertEquals(2, FrameLayout.statusSent(frame, Links.CONTROL));
        assertEquals(3, FrameLayout.statusReceived(frame, Links.DATA));
        assertEquals(0x0102030405060708L, FrameLayout.statusSent(frame, Links.DATA));
    }

    @Test
    void nak() {
        FrameLayout.putHeader(frame, FrameLayout.TYPE_NAK, Links.CONTROL, SESSION_ID);
        FrameLayout.putGap(frame, FrameLayout.NAK_GAPS, 0x0102030405060708L, 0x0a0b0c0d);

        assertEquals(
                header("04", "00") + "0807060504030201" + "0d0c0b0a",
                hex(FrameLayout.NAK_GAPS + FrameLayout.GAP_LENGTH));
        assertEquals(0x0102030405060708L, FrameLayout.gapPosition(frame, FrameLayout.NAK_GAPS));
        assertEquals(0x0a0b0c0d, FrameLayout.gapLength(frame, FrameLayout.NAK_GAPS));
    }

    @Test
    void probeAndItsAnswer() {
        FrameLayout.putHeader(frame, FrameLayout.TYPE_PROBE, 0, SESSION_ID);
        FrameLayout.putProbeLength(frame, 8192);
        assertEquals(header("05", "00") + "00200000", hex(FrameLayout.PROBED_LENGTH));

        FrameLayout.putHeader(frame, FrameLayout.TYPE_PROBED, 0, SESSION_ID);
        assertEquals(header("06", "00") + "00200000", hex(FrameLayout.PROBED_LENGTH));
        assertEquals(8192, FrameLayout.probeLength(frame));
    }

    @Test
    void bye() {
        FrameLayout.putHeader(frame, FrameLayout.TYPE_BYE, 0, SESSION_ID);

        assertEquals(header("07", "00"), hex(FrameLayout.BYE_LENGTH));
    }

    @Test
    void greeting() {
        frame.setMemory(0, frame.capacity(), (byte) 0xff);
        Nonce own = new Nonce(0x0102030405060708L, 9);
        GreetingLayout.put(frame, 1, 2, own, Nonce.NONE, LinkSettings.defaults());
        int length = new Checksums().sealGreeting(frame, GreetingLayout.LENGTH);

        assertEquals(
                "d0acff5a" + "01010000" + "01000000" + "02000000" + "0807060504030201" + "0900000000000000"
                        + "00000000000000000000000000000000" + "00001000" + "00004000",
                hex(length));
        assertEquals(1, GreetingLayout.fromId(frame, 0));
        assertEquals(2, GreetingLayout.toId(frame, 0));
        assertEquals(own, GreetingLayout.own(frame, 0));
        assertEquals(1 << 20, GreetingLayout.windowBytes(frame, 0, Links.CONTROL));
        assertEquals(4 << 20, GreetingLayout.windowBytes(frame, 0, Links.DATA));
    }
}
