package io.tidemill.replication.secret;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The header of every frame, little-endian, as far as it concerns who protects it.
 *
 * <pre>
 *   0               4   5   6   7   8              16              24
 *   +---------------+---+---+---+---+---------------+---------------+
 *   |    crc32c     |ver|typ|chn| 0 |   sessionId   |    counter    |
 *   +---------------+---+---+---+---+---------------+---------------+
 *  24 body ...                        | tag, 16 bytes, if sealed    |
 *   +-------------------------------------------------------------- +
 * </pre>
 *
 * {@code crc32c} covers everything behind itself. A sealed frame has 0 there, its body is encrypted, and the tag covers header and
 * body. {@code counter} numbers the frames of a direction of a session, from 0; it is what makes each sealed frame unlike all
 * others. A greeting ({@code typ} 1) belongs to no session, and has its own fields from 8 on; with a secret it ends with the first 16
 * bytes of an HMAC-SHA256 over all in front of it.
 */
public final class SealLayout {
    public static final int CRC32C = 0;
    public static final int VERSION = 4;
    public static final int TYPE = 5;
    public static final int CHANNEL = 6;
    public static final int ZERO = 7;
    public static final int SESSION_ID = 8;
    public static final int COUNTER = 16;
    public static final int HEADER_LENGTH = 24;
    public static final int TAG_LENGTH = 16;

    private SealLayout() {}

    public static long sessionId(DirectBuffer frame, int index) {
        return frame.getLong(index + SESSION_ID, LITTLE_ENDIAN);
    }

    static long counter(DirectBuffer frame, int index) {
        return frame.getLong(index + COUNTER, LITTLE_ENDIAN);
    }

    static void putCounter(MutableDirectBuffer frame, long counter) {
        frame.putLong(COUNTER, counter, LITTLE_ENDIAN);
    }
}
