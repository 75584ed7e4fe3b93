package io.tidemill.replication.link;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.replication.secret.SealLayout;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What is in a frame of a session behind the header that {@link SealLayout} draws. Little-endian.
 *
 * <pre>
 *          24              32              40
 *          +---------------+---------------+
 *   DATA   |   position    |   received    | bytes of the stream, to the end of the frame
 *          +---------------+---------------+---------------+---------------+
 *   STATUS | control recvd | control sent  |  data recvd   |   data sent   |
 *          +-------+-------+---------------+---------------+---------------+
 *   NAK    |   position    |length | and so on, to the end of the frame; whole gaps of 12 bytes
 *          +-------+-------+-------+
 *   PROBE  |length | zeros, until the frame with its trailer has this length
 *          +-------+
 *   PROBED |length | that arrived
 *          +-------+
 *   BYE    nothing
 * </pre>
 *
 * DATA and NAK are about the channel in the header. {@code position} counts the bytes of a channel's stream from 0, {@code received}
 * is up to where the sender of the frame has the stream of the other direction without a gap, {@code sent} up to where it has sent its
 * own. A STATUS has 1 in place of the channel if it wants one back. A stream is messages, each with its length (int32) in front; frames cut it anywhere.
 */
final class FrameLayout {
    static final byte VERSION_1 = 1;

    static final byte TYPE_GREETING = 1;
    static final byte TYPE_DATA = 2;
    static final byte TYPE_STATUS = 3;
    static final byte TYPE_NAK = 4;
    static final byte TYPE_PROBE = 5;
    static final byte TYPE_PROBED = 6;
    static final byte TYPE_BYE = 7;

    static final int DATA_POSITION = SealLayout.HEADER_LENGTH;
    static final int DATA_RECEIVED = DATA_POSITION + Long.BYTES;
    static final int DATA_BYTES = DATA_RECEIVED + Long.BYTES;

    static final byte STATUS_TELLS = 0;
    static final byte STATUS_ASKS = 1;
    private static final int STATUS_CHANNELS = SealLayout.HEADER_LENGTH;
    private static final int STATUS_CHANNEL_LENGTH = 2 * Long.BYTES;
    static final int STATUS_LENGTH = STATUS_CHANNELS + Links.CHANNELS * STATUS_CHANNEL_LENGTH;

    static final int NAK_GAPS = SealLayout.HEADER_LENGTH;
    static final int GAP_LENGTH = Long.BYTES + Integer.BYTES;

    static final int PROBE_LENGTH = SealLayout.HEADER_LENGTH;
    static final int PROBED_LENGTH = PROBE_LENGTH + Integer.BYTES;

    static final int BYE_LENGTH = SealLayout.HEADER_LENGTH;

    private FrameLayout() {}

    static byte version(DirectBuffer frame, int index) {
        return frame.getByte(index + SealLayout.VERSION);
    }

    static byte type(DirectBuffer frame, int index) {
        return frame.getByte(index + SealLayout.TYPE);
    }

    static byte channel(DirectBuffer frame) {
        return frame.getByte(SealLayout.CHANNEL);
    }

    static void putHeader(MutableDirectBuffer frame, byte type, int channel, long sessionId) {
        frame.putByte(SealLayout.VERSION, VERSION_1);
        frame.putByte(SealLayout.TYPE, type);
        frame.putByte(SealLayout.CHANNEL, (byte) channel);
        frame.putByte(SealLayout.ZERO, (byte) 0);
        frame.putLong(SealLayout.SESSION_ID, sessionId, LITTLE_ENDIAN);
    }

    static long dataPosition(DirectBuffer frame) {
        return frame.getLong(DATA_POSITION, LITTLE_ENDIAN);
    }

    static long dataReceived(DirectBuffer frame) {
        return frame.getLong(DATA_RECEIVED, LITTLE_ENDIAN);
    }

    static void putData(MutableDirectBuffer frame, long position, long received) {
        frame.putLong(DATA_POSITION, position, LITTLE_ENDIAN);
        frame.putLong(DATA_RECEIVED, received, LITTLE_ENDIAN);
    }

    static long statusReceived(DirectBuffer frame, int channel) {
        return frame.getLong(STATUS_CHANNELS + channel * STATUS_CHANNEL_LENGTH, LITTLE_ENDIAN);
    }

    static long statusSent(DirectBuffer frame, int channel) {
        return frame.getLong(STATUS_CHANNELS + channel * STATUS_CHANNEL_LENGTH + Long.BYTES, LITTLE_ENDIAN);
    }

    static void putStatus(MutableDirectBuffer frame, int channel, long received, long sent) {
        int index = STATUS_CHANNELS + channel * STATUS_CHANNEL_LENGTH;
        frame.putLong(index, received, LITTLE_ENDIAN);
        frame.putLong(index + Long.BYTES, sent, LITTLE_ENDIAN);
    }

    static long gapPosition(DirectBuffer frame, int index) {
        return frame.getLong(index, LITTLE_ENDIAN);
    }

    static int gapLength(DirectBuffer frame, int index) {
        return frame.getInt(index + Long.BYTES, LITTLE_ENDIAN);
    }

    static void putGap(MutableDirectBuffer frame, int index, long position, int length) {
        frame.putLong(index, position, LITTLE_ENDIAN);
        frame.putInt(index + Long.BYTES, length, LITTLE_ENDIAN);
    }

    static int probeLength(DirectBuffer frame) {
        return frame.getInt(PROBE_LENGTH, LITTLE_ENDIAN);
    }

    static void putProbeLength(MutableDirectBuffer frame, int length) {
        frame.putInt(PROBE_LENGTH, length, LITTLE_ENDIAN);
    }
}
