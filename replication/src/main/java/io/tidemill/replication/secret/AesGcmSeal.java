package io.tidemill.replication.secret;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and authenticates with AES-GCM. The nonce of a frame is four bytes that come with the key and the frame's counter, which
 * only grows; so no key sees a nonce twice. After {@link #FRAMES_PER_KEY} frames the direction goes on with its next key, which both
 * sides derive: the number of the key is the counter divided by that.
 *
 * <p>A receiver lets in each counter once. It tries keys next to the newest that has let in something, no others, so that
 * who forges counters does not make it derive keys without end.
 */
final class AesGcmSeal implements SessionSeal {
    /** Far below what AES-GCM bears with nonces that only count; limits what one key covers, and costs microseconds. */
    static final long FRAMES_PER_KEY = 1 << 20;

    private static final String AES_GCM = "AES/GCM/NoPadding";
    private static final int NONCE_LENGTH = 12;
    private static final int TAG_BITS = SealLayout.TAG_LENGTH * Byte.SIZE;
    /** The newest key that has let in something, the one before and the one behind it. */
    private static final int KEYS_AT_A_TIME = 3;

    private final SessionKeys keys;
    private final long framesPerKey;
    private final Cipher sealing = newCipher();
    private final Cipher opening = newCipher();
    private final byte[] nonce = new byte[NONCE_LENGTH];
    private final ByteBuffer nonceFields = ByteBuffer.wrap(nonce);

    private long counter;
    private SessionKeys.Key sealingKey;

    private final ReplayWindow replays = new ReplayWindow();
    private final SessionKeys.@Nullable Key[] openingKeys = new SessionKeys.Key[KEYS_AT_A_TIME];
    private final long[] openingKeyNumbers = new long[KEYS_AT_A_TIME];
    private long newestKeyNumber;
    private byte[] openedBytes = new byte[0];
    private final UnsafeBuffer opened = new UnsafeBuffer(openedBytes);

    AesGcmSeal(SessionKeys keys, long framesPerKey) {
        this.keys = keys;
        this.framesPerKey = framesPerKey;
        this.sealingKey = keys.toPeer(0);
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance(AES_GCM);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it: algorithm=" + AES_GCM, e);
        }
    }

    @Override
    public int trailerBytes() {
        return SealLayout.TAG_LENGTH;
    }

    @Override
    public int seal(UnsafeBuffer frame, int length) {
        if (counter > 0 && counter % framesPerKey == 0) {
            sealingKey = keys.toPeer(counter / framesPerKey);
        }
        frame.putInt(SealLayout.CRC32C, 0);
        SealLayout.putCounter(frame, counter);
        int bodyLength = length - SealLayout.HEADER_LENGTH;
        byte[] array = frame.byteArray();
        try {
            init(sealing, Cipher.ENCRYPT_MODE, sealingKey, counter);
            counter++;
            sealing.updateAAD(array, 0, SealLayout.HEADER_LENGTH);
            return SealLayout.HEADER_LENGTH
                    + sealing.doFinal(array, SealLayout.HEADER_LENGTH, bodyLength, array, SealLayout.HEADER_LENGTH);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal: length=" + length, e);
        }
    }

    @Override
    public @Nullable DirectBuffer open(DirectBuffer buffer, int index, int length) {
        if (length < SealLayout.HEADER_LENGTH + SealLayout.TAG_LENGTH) {
            return null;
        }
        long number = SealLayout.counter(buffer, index);
        SessionKeys.Key key = replays.isNew(number) ? openingKey(number / framesPerKey) : null;
        if (key == null || !decrypt(buffer, index, length, key, number)) {
            return null;
        }
        replays.see(number);
        newestKeyNumber = Math.max(newestKeyNumber, number / framesPerKey);
        opened.wrap(openedBytes, 0, length - SealLayout.TAG_LENGTH);
        return opened;
    }

    private SessionKeys.@Nullable Key openingKey(long keyNumber) {
        if (keyNumber < newestKeyNumber - 1 || keyNumber > newestKeyNumber + 1) {
            return null;
        }
        int slot = (int) (keyNumber % KEYS_AT_A_TIME);
        SessionKeys.Key key = openingKeys[slot];
        if (key == null || openingKeyNumbers[slot] != keyNumber) {
            key = keys.fromPeer(keyNumber);
            openingKeys[slot] = key;
            openingKeyNumbers[slot] = keyNumber;
        }
        return key;
    }

    /** Arrays are twice as fast here as memory outside of the heap, so the frame is copied to one. */
    private boolean decrypt(DirectBuffer buffer, int index, int length, SessionKeys.Key key, long number) {
        if (openedBytes.length < length) {
            openedBytes = new byte[length];
        }
        buffer.getBytes(index, openedBytes, 0, length);
        try {
            init(opening, Cipher.DECRYPT_MODE, key, number);
            opening.updateAAD(openedBytes, 0, SealLayout.HEADER_LENGTH);
            opening.doFinal(
                    openedBytes,
                    SealLayout.HEADER_LENGTH,
                    length - SealLayout.HEADER_LENGTH,
                    openedBytes,
                    SealLayout.HEADER_LENGTH);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot open: length=" + length, e);
        }
    }

    private void init(Cipher cipher, int mode, SessionKeys.Key key, long number) throws GeneralSecurityException {
        nonceFields.putInt(0, key.nonceSalt()).putLong(Integer.BYTES, number);
        cipher.init(mode, key.aes(), new GCMParameterSpec(TAG_BITS, nonce));
    }
}
