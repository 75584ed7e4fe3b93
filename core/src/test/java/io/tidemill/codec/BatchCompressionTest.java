package io.tidemill.codec;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.CompressionType;
import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.batch.CompressedLayout;
import io.tidemill.batch.Crc32c;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.runtime.JvmAccess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P02, one batch at a time: what is compressed comes back as it was, and what was not compressed by us is refused. */
final class BatchCompressionTest {
    private static final long SEED = 202;

    /**
     * Two records, "aaaa…" and "bbbb…", a hundred bytes each, appended at offset 42. What deflate makes of them hangs on the
     * JDK's zlib, so this is what one made of them once: it must be read for ever.
     */
    private static final String GOLDEN = """
            80000000 1ec608f2 2a000000 00000000
            01000000 02000000 0068e5cf 8b010000
            0068e5cf 8b010000 ffffffff ffffffff
            ffff0100 01000000 ffffffff ffffffff
            00010000 34000000 1f8b0800 00000000
            00ffab61 80828ca7 e7bb1919 18fe0341
            0a909b48 0700b2b6 068819b1 d89f4407
            00b21600 ea54fdda 00010000 00000000""";

    static {
        JvmAccess.ensureAgrona();
    }

    private final BatchCompressor compressor = new BatchCompressor();
    private final UncompressedBatch uncompressed = new UncompressedBatch("here");
    private final Crc32c crc = new Crc32c();

    @AfterEach
    void close() {
        compressor.close();
        uncompressed.close();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void givesBackWhatItTook(CompressionType type) {
        for (int count : new int[] {1, 2, 10, 1_000, 3}) {
            UnsafeBuffer batch = direct(Batches.numbered(1_000, count));

            DirectBuffer stored = compressor.compress(batch, type);

            assertTrue(crc.matches(stored, 0));
            assertEquals(count > 2 ? type.id() : BatchLayout.codec(stored, 0), BatchLayout.codec(stored, 0));
            uncompressed.enter(stored, 0);
            assertSameRecords(batch, uncompressed.buffer(), uncompressed.index());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void givesBackTheLargestBatchThatThereIs(CompressionType type) {
        int length = CompressedLayout.RECORDS_LENGTH_MAX + BatchLayout.HEADER_LENGTH;
        UnsafeBuffer batch = direct(Batches.ofBytes(7, length));

        DirectBuffer stored = compressor.compress(batch, type);

        assertEquals(type.id(), BatchLayout.codec(stored, 0));
        uncompressed.enter(stored, 0);
        assertSameRecords(batch, uncompressed.buffer(), uncompressed.index());
    }

    /** As many bytes as can be made of one: were the bound too small, these would be refused. */
    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void givesBackWhatIsOneByteOverAndOver(CompressionType type) {
        UnsafeBuffer batch = direct(Batches.of(0, new byte[8 * 1024 * 1024]));

        uncompressed.enter(compressor.compress(batch, type), 0);

        assertSameRecords(batch, uncompressed.buffer(), uncompressed.index());
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void leavesABatchAsItIsThatWouldNotBecomeSmaller(CompressionType type) {
        RandomGenerator random = new SplittableRandom(SEED);
        for (int length : new int[] {0, 1, 8, 100, 10_000, 1_000_000}) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            UnsafeBuffer batch = direct(Batches.of(0, noise));

            assertSame(batch, compressor.compress(batch, type));

            uncompressed.enter(batch, 0);
            assertSame(batch, uncompressed.buffer());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void headerSaysTheSameButForLengthAndCodec(CompressionType type) {
        UnsafeBuffer batch = direct(Batches.numbered(5, 100));

        byte[] stored = Batches.bytes(compressor.compress(batch, type), 0);

        byte[] header = Arrays.copyOf(stored, BatchLayout.HEADER_LENGTH);
        UnsafeBuffer view = new UnsafeBuffer(header);
        assertTrue(BatchLayout.frameLength(view, 0) < BatchLayout.frameLength(batch, 0));
        assertEquals(stored.length, BatchLayout.frameLength(view, 0));
        view.putBytes(0, batch, 0, 8);
        view.putByte(BatchLayout.CODEC, BatchLayout.CODEC_NONE);
        assertArrayEquals(Arrays.copyOf(Batches.bytes(batch, 0), BatchLayout.HEADER_LENGTH), header);
    }

    @Test
    void readsGzipAsItWasWrittenOnce() {
        UnsafeBuffer golden = new UnsafeBuffer(HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", "")));

        assertTrue(crc.matches(golden, 0));
        uncompressed.enter(golden, 0);

        assertSameRecords(two(), uncompressed.buffer(), uncompressed.index());
    }

    @Test
    void writesGzipThatOthersRead() throws IOException {
        UnsafeBuffer batch = direct(two());

        DirectBuffer stored = compressor.compress(batch, CompressionType.GZIP);

        byte[] member = new byte[CompressedLayout.compressedLength(stored, 0)];
        stored.getBytes(CompressedLayout.COMPRESSED, member);
        assertArrayEquals(
                Arrays.copyOfRange(Batches.bytes(batch, 0), BatchLayout.HEADER_LENGTH, batch.capacity()),
                new GZIPInputStream(new ByteArrayInputStream(member)).readAllBytes());
        assertEquals(
                GOLDEN.replaceAll("\\s", "").substring(144, 164), HexFormat.of().formatHex(member, 0, 10));
    }

    /** Of its own checksum, its own length, and its first bytes. */
    @Test
    void refusesAGzipMemberThatIsNotItself() {
        byte[] stored = Batches.bytes(compressor.compress(direct(Batches.numbered(5, 100)), CompressionType.GZIP), 0);
        int start = CompressedLayout.COMPRESSED;
        int end = start + CompressedLayout.compressedLength(new UnsafeBuffer(stored), 0);
        for (int index : new int[] {start, start + 1, start + 2, start + 3, end - 8, end - 5, end - 4, end - 1}) {
            byte[] other = stored.clone();
            other[index] ^= 4;

            assertRefused(other);
        }
    }

    /** The checksum is right, so it is the writer who cannot be trusted. */
    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void refusesLengthsThatCannotBe(CompressionType type) {
        byte[] stored = Batches.bytes(compressor.compress(direct(Batches.numbered(5, 100)), type), 0);
        UnsafeBuffer intact = new UnsafeBuffer(stored);
        int recordsLength = CompressedLayout.recordsLength(intact, 0);
        int compressedLength = CompressedLayout.compressedLength(intact, 0);
        int[] recordsLengths = {
            0, -8, 8, recordsLength - 8, recordsLength + 8, recordsLength + 1, 1 << 24, (1 << 24) + 8, 1 << 30, 1 << 31
        };
        for (int wrong : recordsLengths) {
            assertRefused(with(stored, CompressedLayout.RECORDS_LENGTH, wrong));
        }
        for (int wrong : new int[] {0, -1, compressedLength - 8, compressedLength + 8, 1 << 30, Integer.MAX_VALUE}) {
            assertRefused(with(stored, CompressedLayout.COMPRESSED_LENGTH, wrong));
        }
        for (int frame = BatchLayout.HEADER_LENGTH; frame < stored.length; frame += BatchLayout.ALIGNMENT) {
            assertRefused(with(Arrays.copyOf(stored, frame), BatchLayout.FRAME_LENGTH, frame));
        }
    }

    @Test
    void refusesALargeLengthBeforeAnythingIsAllocated() {
        UnsafeBuffer batch = direct(Batches.numbered(5, 100));
        byte[] stored = Batches.bytes(compressor.compress(batch, CompressionType.GZIP), 0);
        int moreThanDeflateCan = CompressedLayout.compressedLength(new UnsafeBuffer(stored), 0) * 1032 / 8 * 8 + 8;

        assertRefused(with(stored, CompressedLayout.RECORDS_LENGTH, moreThanDeflateCan));

        assertEquals(0, uncompressed.plainCapacity());
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void refusesOrReadsWhateverItFinds(CompressionType type) {
        RandomGenerator random = new SplittableRandom(SEED);
        UnsafeBuffer batch = direct(Batches.numbered(5, 50));
        byte[] stored = Batches.bytes(compressor.compress(batch, type), 0);
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = stored.clone();
            for (int flips = random.nextInt(1, 8); flips > 0; flips--) {
                damaged[random.nextInt(CompressedLayout.RECORDS_LENGTH, damaged.length)] ^=
                        (byte) (1 << random.nextInt(8));
            }
            try {
                uncompressed.enter(new UnsafeBuffer(damaged), 0);
                // No checksum of records is there but the batch's, and that was not asked.
                assertEquals(
                        BatchLayout.HEADER_LENGTH + CompressedLayout.recordsLength(new UnsafeBuffer(damaged), 0),
                        BatchLayout.frameLength(uncompressed.buffer(), 0));
            } catch (CorruptRecordException e) {
                refused++;
            }
        }
        assertTrue(refused > 2_000, "seed=" + SEED + ", refused=" + refused);
        uncompressed.enter(new UnsafeBuffer(stored), 0);
        assertSameRecords(batch, uncompressed.buffer(), uncompressed.index());
    }

    @Test
    void refusesACodecThatThereIsNot() {
        for (int codec : new int[] {2, 5, 127, -1}) {
            byte[] stored = Batches.bytes(Batches.numbered(5, 3), 0);
            stored[BatchLayout.CODEC] = (byte) codec;

            CorruptRecordException refused =
                    assertThrows(CorruptRecordException.class, () -> uncompressed.enter(new UnsafeBuffer(stored), 0));

            assertEquals("batch of an unknown codec: codec=" + codec + ", here", refused.getMessage());
        }
    }

    @Test
    void worksAgainAfterItWasClosed() {
        UnsafeBuffer batch = direct(Batches.numbered(5, 100));
        for (CompressionType type : CompressionType.values()) {
            compressor.close();
            uncompressed.close();

            uncompressed.enter(compressor.compress(batch, type), 0);

            assertSameRecords(batch, uncompressed.buffer(), uncompressed.index());
        }
    }

    private void assertRefused(byte[] stored) {
        CorruptRecordException refused =
                assertThrows(CorruptRecordException.class, () -> uncompressed.enter(new UnsafeBuffer(stored), 0));
        assertTrue(refused.getMessage().contains("baseOffset=5"), refused::getMessage);
        assertFalse(refused.retriable());
    }

    private static byte[] with(byte[] stored, int field, int value) {
        byte[] other = stored.clone();
        new UnsafeBuffer(other).putInt(field, value, LITTLE_ENDIAN);
        return other;
    }

    private static UnsafeBuffer two() {
        byte[] a = new byte[100];
        byte[] b = new byte[100];
        Arrays.fill(a, (byte) 'a');
        Arrays.fill(b, (byte) 'b');
        return Batches.of(42, a, b);
    }

    /** Where the builder has it. */
    private static UnsafeBuffer direct(UnsafeBuffer batch) {
        UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(batch.capacity()));
        copy.putBytes(0, batch, 0, batch.capacity());
        return copy;
    }

    /** All but the checksum, which is over what is stored. */
    private static void assertSameRecords(DirectBuffer expected, DirectBuffer actual, int index) {
        byte[] expectedBytes = Batches.bytes(expected, 0);
        byte[] actualBytes = Batches.bytes(actual, index);
        Arrays.fill(expectedBytes, BatchLayout.CRC32C, BatchLayout.BASE_OFFSET, (byte) 0);
        Arrays.fill(actualBytes, BatchLayout.CRC32C, BatchLayout.BASE_OFFSET, (byte) 0);
        assertArrayEquals(expectedBytes, actualBytes);
    }
}
