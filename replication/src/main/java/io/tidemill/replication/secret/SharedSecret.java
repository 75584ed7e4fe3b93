package io.tidemill.replication.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Protects with a secret that all brokers of the cluster have: who has it not can read nothing, and is not heard.
 *
 * <p>Greetings carry a tag by a key that comes from the secret alone, so a recorded one is genuine again; that it answers to
 * nothing then is the business of who reads it. Sessions have keys of their own, which no other session has, since each side has
 * put in a number that it drew for it ({@link AesGcmSeal}). Owned by one thread.
 */
public final class SharedSecret implements Protection {
    /** As strong as the keys that come from it, if it was drawn at random. */
    public static final int LENGTH_MIN = 16;

    private static final int GREETING_LENGTH_MAX = 256;
    private static final byte[] GREETING_SALT = "tidemill greeting".getBytes(US_ASCII);

    private final byte[] secret;
    private final Mac greetingMac;
    /** Kept, so that nobody makes this allocate who has not the secret. */
    private final byte[] covered = new byte[GREETING_LENGTH_MAX];

    private final byte[] tag = new byte[Hkdf.HASH_LENGTH];

    public SharedSecret(byte[] secret) {
        if (secret.length < LENGTH_MIN) {
            throw new IllegalArgumentException(
                    "a secret has at least " + LENGTH_MIN + " bytes, drawn at random: length=" + secret.length);
        }
        this.secret = secret.clone();
        this.greetingMac = Hkdf.hmac(Hkdf.extract(GREETING_SALT, secret));
    }

    @Override
    public int greetingTrailerBytes() {
        return SealLayout.TAG_LENGTH;
    }

    @Override
    public int sealGreeting(UnsafeBuffer frame, int length) {
        frame.putInt(SealLayout.CRC32C, 0);
        computeTag(frame, 0, length);
        frame.putBytes(length, tag, 0, SealLayout.TAG_LENGTH);
        return length + SealLayout.TAG_LENGTH;
    }

    @Override
    public boolean isGenuineGreeting(DirectBuffer buffer, int index, int length) {
        int covered = length - SealLayout.TAG_LENGTH;
        if (covered <= 0 || covered > GREETING_LENGTH_MAX) {
            return false;
        }
        computeTag(buffer, index, covered);
        // Every byte is looked at, so that the time this takes does not tell how many agree.
        int difference = 0;
        for (int i = 0; i < SealLayout.TAG_LENGTH; i++) {
            difference |= tag[i] ^ buffer.getByte(index + covered + i);
        }
        return difference == 0;
    }

    private void computeTag(DirectBuffer buffer, int index, int length) {
        buffer.getBytes(index, covered, 0, length);
        greetingMac.update(covered, 0, length);
        try {
            greetingMac.doFinal(tag, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("tag is longer than a hash: length=" + tag.length, e);
        }
    }

    @Override
    public SessionSeal seal(SessionNonces nonces) {
        return new AesGcmSeal(new SessionKeys(secret, nonces), AesGcmSeal.FRAMES_PER_KEY);
    }
}
