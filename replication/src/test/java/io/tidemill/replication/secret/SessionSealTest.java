package io.tidemill.replication.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** L06: what is not genuine is not let in. */
class SessionSealTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final byte[] SECRET = "a secret of the cluster".getBytes(US_ASCII);
    private static final Nonce ONE = new Nonce(1, 2);
    private static final Nonce TWO = new Nonce(3, 4);
    private static final SessionNonces AT_ONE = new SessionNonces(1, 2, ONE, TWO);
    private static final SessionNonces AT_TWO = new SessionNonces(2, 1, TWO, ONE);

    private final Protection protection = new SharedSecret(SECRET);
    private final SessionSeal one = protection.seal(AT_ONE);
    private final SessionSeal two = protection.seal(AT_TWO);

    /** A header that a session would write, and some bytes. */
    private static byte[] plain(int length) {
        byte[] frame = new byte[length];
        new SplittableRandom(length).nextBytes(frame);
        Arrays.fill(frame, 0, SealLayout.HEADER_LENGTH, (byte) 7);
        return frame;
    }

    private static byte[] seal(SessionSeal seal, byte[] plain) {
        UnsafeBuffer frame = new UnsafeBuffer(Arrays.copyOf(plain, plain.length + seal.trailerBytes()));
        int length = seal.seal(frame, plain.length);
        assertEquals(frame.capacity(), length);
        return frame.byteArray();
    }

    /** From the middle of memory outside of the heap, as a socket has it. */
    private static byte @Nullable [] open(SessionSeal seal, byte[] sealed) {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(sealed.length + 20));
        memory.putBytes(10, sealed);
        DirectBuffer opened = seal.open(memory, 10, sealed.length);
        if (opened == null) {
            return null;
        }
        byte[] bytes = new byte[opened.capacity()];
        opened.getBytes(0, bytes);
        return bytes;
    }

    @Test
    void theOtherSideReadsWhatWasSealed() {
        for (int length : new int[] {SealLayout.HEADER_LENGTH, 25, 100, 1408, 60_000}) {
            byte[] opened = open(two, seal(one, plain(length)));

            assertNotNull(opened);
            assertArrayEquals(
                    Arrays.copyOfRange(plain(length), SealLayout.HEADER_LENGTH, length),
                    Arrays.copyOfRange(opened, SealLayout.HEADER_LENGTH, length));
        }
    }

    @Test
    void nobodyElseDoes() {
        byte[] sealed = seal(one, plain(100));

        assertFalse(contains(sealed, Arrays.copyOfRange(plain(100), SealLayout.HEADER_LENGTH, 40)));
        assertNull(open(new SharedSecret("another secret of one".getBytes(US_ASCII)).seal(AT_TWO), sealed));
        assertNull(open(protection.seal(new SessionNonces(2, 1, TWO, new Nonce(1, 3))), sealed));
        assertNull(open(protection.seal(new SessionNonces(2, 3, TWO, ONE)), sealed));
        assertNull(open(one, sealed), "its own answer");
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        return HexFormat.of().formatHex(bytes).contains(HexFormat.of().formatHex(part));
    }

    @Test
    void aFrameThatWasChangedAnywhereIsNotLetIn() {
        byte[] sealed = seal(one, plain(60));
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            byte[] forged = sealed.clone();
            forged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);

            assertNull(open(two, forged), "bit=" + bit);
        }

        assertNotNull(open(two, sealed));
    }

    @Test
    void aFrameThatWasCutOrExtendedIsNotLetIn() {
        byte[] sealed = seal(one, plain(60));
        for (int length = 0; length < sealed.length + 10; length++) {
            if (length != sealed.length) {
                assertNull(open(two, Arrays.copyOf(sealed, length)), "length=" + length);
            }
        }

        assertNotNull(open(two, sealed));
    }

    @Test
    void aFrameIsLetInOnce() {
        byte[] first = seal(one, plain(60));
        byte[] second = seal(one, plain(60));

        assertNotNull(open(two, second));
        assertNotNull(open(two, first));
        assertNull(open(two, first));
        assertNull(open(two, second));
    }

    @Test
    void keysChangeAfterSoManyFramesAndNoNonceComesTwice() {
        SessionSeal sender = new AesGcmSeal(new SessionKeys(SECRET, AT_ONE), 10);
        SessionSeal receiver = new AesGcmSeal(new SessionKeys(SECRET, AT_TWO), 10);
        List<byte[]> sealed = new ArrayList<>();
        Set<String> bodies = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byte[] frame = seal(sender, plain(60));
            sealed.add(frame);
            bodies.add(HexFormat.of().formatHex(frame, SealLayout.HEADER_LENGTH, frame.length));
        }

        assertEquals(100, bodies.size());
        // Neighbours overtake each other, also where the key changes.
        for (int i = 0; i < 100; i += 2) {
            assertNotNull(open(receiver, sealed.get(i + 1)), "frame=" + (i + 1));
            assertNotNull(open(receiver, sealed.get(i)), "frame=" + i);
        }
        SessionKeys keys = new SessionKeys(SECRET, AT_ONE);
        assertNotEquals(keys.toPeer(0), keys.toPeer(1));
        assertNotEquals(keys.toPeer(0), keys.fromPeer(0));
        assertEquals(keys.toPeer(3), new SessionKeys(SECRET, AT_TWO).fromPeer(3));
    }

    @Test
    void aFrameOfAKeyThatIsFarAwayIsNotLetIn() {
        SessionSeal sender = new AesGcmSeal(new SessionKeys(SECRET, AT_ONE), 1);
        SessionSeal receiver = new AesGcmSeal(new SessionKeys(SECRET, AT_TWO), 1);
        seal(sender, plain(60));
        byte[] second = seal(sender, plain(60));
        byte[] third = seal(sender, plain(60));

        assertNull(open(receiver, third));
        assertNotNull(open(receiver, second));
        assertNotNull(open(receiver, third));
    }

    @Test
    void checksumsSeeDamage() {
        SessionSeal sender = new Checksums().seal(AT_ONE);
        SessionSeal receiver = new Checksums().seal(AT_TWO);
        byte[] frame = seal(sender, plain(60));
        for (int bit = 0; bit < frame.length * Byte.SIZE; bit++) {
            byte[] damaged = frame.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);

            assertNull(open(receiver, damaged), "bit=" + bit);
        }

        assertNotNull(open(receiver, frame));
    }

    @Test
    void sessionIdsTellDirectionsAndSessionsApart() {
        assertEquals(AT_ONE.idToPeer(), AT_TWO.idFromPeer());
        assertEquals(AT_TWO.idToPeer(), AT_ONE.idFromPeer());
        assertNotEquals(AT_ONE.idToPeer(), AT_ONE.idFromPeer());
        assertNotEquals(AT_ONE.idToPeer(), new SessionNonces(1, 2, ONE, new Nonce(3, 5)).idToPeer());
        assertNotEquals(AT_ONE.idToPeer(), new SessionNonces(1, 2, new Nonce(0, 2), TWO).idToPeer());
    }

    @Test
    void aGreetingIsGenuineWithTheSecretOnly() {
        UnsafeBuffer greeting = new UnsafeBuffer(Arrays.copyOf(plain(56), 72));
        int length = protection.sealGreeting(greeting, 56);

        assertEquals(72, length);
        assertTrue(protection.isGenuineGreeting(greeting, 0, 72));
        assertFalse(protection.isGenuineGreeting(greeting, 0, 71));
        assertFalse(new SharedSecret(new byte[16]).isGenuineGreeting(greeting, 0, 72));
        for (int bit = 0; bit < 72 * Byte.SIZE; bit++) {
            UnsafeBuffer forged = new UnsafeBuffer(greeting.byteArray().clone());
            forged.putByte(bit / Byte.SIZE, (byte) (forged.getByte(bit / Byte.SIZE) ^ (1 << bit % Byte.SIZE)));
            assertFalse(protection.isGenuineGreeting(forged, 0, 72), "bit=" + bit);
        }
    }

    @Test
    void refusesSecretsThatAreTooShort() {
        assertThrows(IllegalArgumentException.class, () -> new SharedSecret(new byte[15]));
    }

    /** Computed by another implementation, from what the classes' comments say. */
    @Test
    void sealsToTheseBytes() {
        byte[] plain = new byte[SealLayout.HEADER_LENGTH + 8];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) i;
        }
        UnsafeBuffer greeting = new UnsafeBuffer(Arrays.copyOf(plain, plain.length + SealLayout.TAG_LENGTH));
        protection.sealGreeting(greeting, plain.length);

        assertEquals(
                "000000000405060708090a0b0c0d0e0f0000000000000000f4a8d3a9c738e703947859815725799b8e5881aec927f6e6",
                HexFormat.of().formatHex(seal(one, plain)));
        assertEquals(
                "000000000405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fb61e50c2204dde1cdc076998b7ac92ed",
                HexFormat.of().formatHex(greeting.byteArray()));
        assertEquals(
                "49fb5e070405060708090a0b0c0d0e0f000000000000000018191a1b1c1d1e1f",
                HexFormat.of().formatHex(seal(new Checksums().seal(AT_ONE), plain)));
    }
}
