package io.tidemill.replication.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of a session: for each direction one after the other, all from the secret, both nonces, both broker ids, and the
 * number of the key in its direction.
 */
final class SessionKeys {
    private static final byte[] PURPOSE = "tidemill frames 1".getBytes(US_ASCII);
    private static final int KEY_LENGTH = 16;
    private static final int INFO_LENGTH = PURPOSE.length + 2 * Integer.BYTES + Long.BYTES;

    private final byte[] sessionKey;
    private final int selfId;
    private final int peerId;

    /** What AES-GCM wants: a key, and the first four bytes of each of its nonces. */
    record Key(SecretKeySpec aes, int nonceSalt) {}

    SessionKeys(byte[] secret, SessionNonces nonces) {
        this.sessionKey = Hkdf.extract(nonces.bytes(), secret);
        this.selfId = nonces.selfId();
        this.peerId = nonces.peerId();
    }

    Key toPeer(long number) {
        return key(selfId, peerId, number);
    }

    Key fromPeer(long number) {
        return key(peerId, selfId, number);
    }

    private Key key(int fromId, int toId, long number) {
        byte[] info = ByteBuffer.allocate(INFO_LENGTH)
                .put(PURPOSE)
                .putInt(fromId)
                .putInt(toId)
                .putLong(number)
                .array();
        byte[] expanded = Hkdf.expand(sessionKey, info, KEY_LENGTH + Integer.BYTES);
        return new Key(
                new SecretKeySpec(Arrays.copyOf(expanded, KEY_LENGTH), "AES"),
                ByteBuffer.wrap(expanded).getInt(KEY_LENGTH));
    }
}
