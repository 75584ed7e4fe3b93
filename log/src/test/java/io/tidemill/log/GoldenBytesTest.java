package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I06: what lies on the disk stays readable, so it may not change by accident. */
final class GoldenBytesTest {
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private Path root;

    private byte[] batch;
    private long maxTimestamp;

    @BeforeEach
    void store() {
        try (LogStore store = Logs.open(root)) {
            store.stateFile("vote").write(new byte[] {0x0a, 0x0b, 0x0c});
            PartitionLog log = store.openLog("orders-0");
            batch = Logs.append(log, Batches.numbered(0, 3));
            maxTimestamp = BatchLayout.maxTimestamp(new UnsafeBuffer(batch), 0);
        }
    }

    @Test
    void formatFile() throws IOException {
        assertHex("544d464f524d4154" + "adcf14c5" + "01000000" + "00000000", "tidemill.format");
    }

    @Test
    void stateFile() throws IOException {
        assertHex("544d535441544520" + "58fc2b16" + "01000000" + "03000000" + "0a0b0c", "state/vote");
    }

    /** The checksum of the head is that of Chronicle's bytes, which may change with its version. */
    @Test
    void recoveryPoint() throws IOException {
        byte[] segment = Files.readAllBytes(root.resolve("logs/orders-0/00000000000000000000.19700101.cq4"));
        assertEquals(4096, segment.length);
        byte[] point = Files.readAllBytes(root.resolve("logs/orders-0/recovery-point"));
        int headLength = ByteBuffer.wrap(point).order(ByteOrder.LITTLE_ENDIAN).getInt(36);
        CRC32C headCrc = new CRC32C();
        headCrc.update(segment, 0, headLength);
        byte[] expected = HEX.parseHex("544d5245434f5652" + "00000000" + "01000000" + "38000000" + "0300000000000000"
                + "0010000000000000" + "0000000000000000" + littleEndian(maxTimestamp) + "0000000000000000"
                + "0000000000000000" + "0000000000000080");
        ByteBuffer buffer = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(36, headLength).putInt(40, (int) headCrc.getValue()).putLong(60, headLength);
        CRC32C crc = new CRC32C();
        crc.update(expected, 12, expected.length - 12);
        buffer.putInt(8, (int) crc.getValue());

        assertArrayEquals(expected, point);
    }

    /** One sealed segment of 3 records, whose only batch begins and ends where it says. */
    @Test
    void manifestAndIndex() throws IOException {
        try (LogStore store = Logs.open(root)) {
            PartitionLog log = store.openLog("orders-0", LogSettings.defaults().withSegmentBytes(1));
            Logs.append(log, Batches.numbered(3, 1));
        }
        byte[] segment = Files.readAllBytes(root.resolve("logs/orders-0/00000000000000000000.19700101.segment"));
        byte[] manifest = Files.readAllBytes(root.resolve("logs/orders-0/manifest"));
        byte[] index = Files.readAllBytes(root.resolve("logs/orders-0/00000000000000000000.19700101.index"));
        long endPosition =
                ByteBuffer.wrap(manifest).order(ByteOrder.LITTLE_ENDIAN).getLong(68);
        long position = endPosition - batch.length - 4;
        assertArrayEquals(
                batch, Arrays.copyOfRange(segment, (int) position + ExcerptLayout.HEADER_LENGTH, (int) endPosition));

        assertSealed(
                "544d4d414e494645",
                "0300000000000000" + "01000000" + "01000000" + "0000000000000000" + "0000000000000000" + "00000000"
                        + "00000000" + "0300000000000000" + littleEndian(endPosition)
                        + littleEndian(maxTimestamp) + "ffffffffffffff7f",
                manifest);
        assertSealed(
                "544d494e44455820",
                littleEndian(maxTimestamp) + "0000000000000000" + littleEndian(position) + "0000000000000080",
                index);
    }

    private static String littleEndian(long value) {
        return HEX.formatHex(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, value)
                .array());
    }

    private static void assertSealed(String magic, String content, byte[] file) {
        byte[] expected = HEX.parseHex(magic + "00000000" + "01000000" + "00000000" + content);
        ByteBuffer buffer = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(16, content.length() / 2);
        CRC32C crc = new CRC32C();
        crc.update(expected, 12, expected.length - 12);
        buffer.putInt(8, (int) crc.getValue());
        assertEquals(HEX.formatHex(expected), HEX.formatHex(file));
    }

    @Test
    void segment() throws IOException {
        byte[] segment = Files.readAllBytes(root.resolve("logs/orders-0/00000000000000000000.19700101.cq4"));
        ByteBuffer buffer = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
        int position = 0;
        while (ExcerptLayout.isMetadata(buffer.getInt(position))) {
            position = (int) ExcerptLayout.next(position, buffer.getInt(position));
        }
        assertEquals(batch.length, buffer.getInt(position));
        int index = position + 4;
        assertArrayEquals(batch, Arrays.copyOfRange(segment, index, index + batch.length));
        assertTrue(position > 0);
        for (int i = index + batch.length; i < segment.length; i++) {
            assertEquals(0, segment[i]);
        }
    }

    private void assertHex(String expected, String file) throws IOException {
        assertEquals(expected, HEX.formatHex(Files.readAllBytes(root.resolve(file))));
    }
}
