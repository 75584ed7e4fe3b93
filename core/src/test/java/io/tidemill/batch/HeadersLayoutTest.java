package io.tidemill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.Header;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.runtime.JvmAccess;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What was put comes back, byte for byte; what is damaged is refused, and never read beyond its end. */
class HeadersLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final List<Header> HEADERS = List.of(
            new Header("a", new byte[] {1, 2}),
            new Header("ä", null),
            new Header("a", new byte[0]),
            new Header("", null));

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[128]);

    @Test
    void givesBackWhatWasPut() {
        int length = HeadersLayout.put(buffer, 3, HEADERS);

        assertEquals(HEADERS, HeadersLayout.get(buffer, 3, length));
        assertEquals(List.of(), HeadersLayout.get(buffer, 3, 0));
    }

    @Test
    void writesTheseBytes() {
        int length = HeadersLayout.put(buffer, 0, List.of(new Header("k", new byte[] {7}), new Header("n", null)));

        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        assertEquals(
                "02000000" + "01000000" + "6b" + "01000000" + "07" + "01000000" + "6e" + "ffffffff",
                HexFormat.of().formatHex(bytes));
    }

    @Test
    void refusesAnyCut() {
        int length = HeadersLayout.put(buffer, 0, HEADERS);

        for (int cut = 1; cut < length; cut++) {
            int shorter = cut;
            assertThrows(CorruptRecordException.class, () -> HeadersLayout.get(buffer, 0, shorter));
        }
    }

    @Test
    void survivesAnyFlippedBit() {
        int length = HeadersLayout.put(buffer, 0, HEADERS);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            int bit = random.nextInt(length * 8);
            byte before = buffer.getByte(bit / 8);
            buffer.putByte(bit / 8, (byte) (before ^ 1 << bit % 8));
            try {
                HeadersLayout.get(buffer, 0, length);
            } catch (CorruptRecordException expectedForSome) {
                // never anything else
            }
            buffer.putByte(bit / 8, before);
        }
        assertEquals(HEADERS, HeadersLayout.get(buffer, 0, length));
    }
}
