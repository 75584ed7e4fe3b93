package io.tidemill.replication.link;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.replication.secret.Nonce;
import io.tidemill.replication.secret.SealLayout;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A frame that wants a session, or answers one that does. Little-endian; all are equally long, so that nobody gets more bytes back
 * than it sent.
 *
 * <pre>
 *   0               4   5   6   7   8              12              16
 *   +---------------+---+---+---+---+---------------+---------------+
 *   |    crc32c     |ver| 1 | 0 | 0 |    fromId     |     toId      |
 *   +---------------+---+---+---+---+---------------+---------------+
 *  16          own nonce, high half, low half                       |
 *   +---------------------------------------------------------------+
 *  32          your nonce, or zeros if not known                    |
 *   +-------------------------------+-------------------------------+
 *  48 control window | data window  |
 *   +-------------------------------+
 * </pre>
 *
 * The windows are how many bytes of a stream the sender of the greeting takes ahead.
 */
final class GreetingLayout {
    private static final int FROM_ID = 8;
    private static final int TO_ID = 12;
    private static final int OWN = 16;
    private static final int YOURS = OWN + Nonce.LENGTH;
    private static final int WINDOWS = YOURS + Nonce.LENGTH;
    static final int LENGTH = WINDOWS + Links.CHANNELS * Integer.BYTES;

    private GreetingLayout() {}

    static void put(MutableDirectBuffer frame, int fromId, int toId, Nonce own, Nonce yours, LinkSettings settings) {
        frame.setMemory(0, SealLayout.HEADER_LENGTH, (byte) 0);
        frame.putByte(SealLayout.VERSION, FrameLayout.VERSION_1);
        frame.putByte(SealLayout.TYPE, FrameLayout.TYPE_GREETING);
        frame.putInt(FROM_ID, fromId, LITTLE_ENDIAN);
        frame.putInt(TO_ID, toId, LITTLE_ENDIAN);
        putNonce(frame, OWN, own);
        putNonce(frame, YOURS, yours);
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            frame.putInt(WINDOWS + channel * Integer.BYTES, settings.windowBytes(channel), LITTLE_ENDIAN);
        }
    }

    private static void putNonce(MutableDirectBuffer frame, int index, Nonce nonce) {
        frame.putLong(index, nonce.high(), LITTLE_ENDIAN);
        frame.putLong(index + Long.BYTES, nonce.low(), LITTLE_ENDIAN);
    }

    static int fromId(DirectBuffer frame, int index) {
        return frame.getInt(index + FROM_ID, LITTLE_ENDIAN);
    }

    static int toId(DirectBuffer frame, int index) {
        return frame.getInt(index + TO_ID, LITTLE_ENDIAN);
    }

    static Nonce own(DirectBuffer frame, int index) {
        return nonce(frame, index + OWN);
    }

    static boolean isOwnedBy(DirectBuffer frame, int index, Nonce nonce) {
        return isNonce(frame, index + OWN, nonce);
    }

    static boolean isTo(DirectBuffer frame, int index, Nonce nonce) {
        return isNonce(frame, index + YOURS, nonce);
    }

    /** Whether its windows are such as settings allow. */
    static boolean hasWindows(DirectBuffer frame, int index) {
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            if (!LinkSettings.isWindow(windowBytes(frame, index, channel))) {
                return false;
            }
        }
        return true;
    }

    static int windowBytes(DirectBuffer frame, int index, int channel) {
        return frame.getInt(index + WINDOWS + channel * Integer.BYTES, LITTLE_ENDIAN);
    }

    private static Nonce nonce(DirectBuffer frame, int index) {
        return new Nonce(frame.getLong(index, LITTLE_ENDIAN), frame.getLong(index + Long.BYTES, LITTLE_ENDIAN));
    }

    private static boolean isNonce(DirectBuffer frame, int index, Nonce nonce) {
        return frame.getLong(index, LITTLE_ENDIAN) == nonce.high()
                && frame.getLong(index + Long.BYTES, LITTLE_ENDIAN) == nonce.low();
    }
}
