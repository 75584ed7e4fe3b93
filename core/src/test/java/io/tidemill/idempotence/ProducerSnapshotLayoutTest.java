package io.tidemill.idempotence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.runtime.JvmAccess;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ProducerSnapshotLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final ProducerStates states = new ProducerStates();

    ProducerSnapshotLayoutTest() {
        states.onAppended(Batches.produced(0x21, 0x0102030405060708L, 0x1112, 0x31323334, 3, 0x41), 0, 0x51);
        states.onAppended(Batches.produced(0x24, 9, 2, 0, 1, 0x42), 0, 0x52);
        states.onAppended(Batches.produced(0x25, 9, 2, 1, 2, 0x43), 0, 0x53);
    }

    @Test
    void writesTheSameBytesForEver() {
        assertEquals("""
                01000000 02000000 27000000 00000000
                08070605 04030201 51000000 00000000
                12110100 00000000 21000000 00000000
                41000000 00000000 34333231 03000000
                09000000 00000000 53000000 00000000
                02000200 00000000 24000000 00000000
                42000000 00000000 00000000 01000000
                25000000 00000000 43000000 00000000
                01000000 02000000""", Batches.hex(ProducerSnapshotLayout.encode(states, 0x27)));
    }

    @Test
    void readsWhatItWrote() {
        byte[] bytes = ProducerSnapshotLayout.encode(states, 0x27);
        ProducerStates read = new ProducerStates();

        ProducerSnapshotLayout.decode(bytes, read);

        assertEquals(0x27, ProducerSnapshotLayout.offset(bytes));
        assertArrayEquals(bytes, ProducerSnapshotLayout.encode(read, 0x27));
    }

    @Test
    void keepsOfTooManyThoseThatAppendedLast() {
        ProducerStates read = new ProducerStates(1_000, 1);

        ProducerSnapshotLayout.decode(ProducerSnapshotLayout.encode(states, 0x27), read);

        assertEquals(1, read.size());
        assertEquals(SequenceVerdict.DUPLICATE, read.check(9, (short) 2, 1, 2));
    }

    @Test
    void refusesAnyOtherLength() {
        byte[] bytes = ProducerSnapshotLayout.encode(states, 0x27);

        for (int length = 0; length <= bytes.length + 50; length++) {
            byte[] other = Arrays.copyOf(bytes, length);
            if (length != bytes.length) {
                assertThrows(
                        CorruptRecordException.class,
                        () -> ProducerSnapshotLayout.decode(other, new ProducerStates()),
                        "length=" + length);
            }
        }
    }

    @Test
    void refusesAnotherVersion() {
        byte[] bytes = ProducerSnapshotLayout.encode(states, 0x27);
        bytes[0] = 2;

        assertThrows(CorruptRecordException.class, () -> ProducerSnapshotLayout.offset(bytes));
    }

    /** A checksum that matches proves the bytes, not their writer: nothing else comes of them than that. */
    @Test
    void strangeBytesAreRefusedOrMakeStates() {
        byte[] bytes = ProducerSnapshotLayout.encode(states, 0x27);
        for (long seed = 0; seed < 2_000; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            byte[] strange = bytes.clone();
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                strange[random.nextInt(strange.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            ProducerStates read = new ProducerStates();
            try {
                ProducerSnapshotLayout.decode(strange, read);
            } catch (CorruptRecordException e) {
                continue;
            }
            int length = ProducerSnapshotLayout.encode(read, 0).length;
            assertTrue(length <= bytes.length, "seed=" + seed);
        }
    }
}
