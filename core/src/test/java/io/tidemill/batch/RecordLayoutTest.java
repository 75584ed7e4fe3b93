package io.tidemill.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.Header;
import io.tidemill.runtime.JvmAccess;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class RecordLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void everyFieldLiesWhereThePictureDrawsIt() {
        List<Header> headers = List.of(new Header("a", null), new Header("b", "xy".getBytes(UTF_8)));
        int headersLength = 24;
        int length = (int) RecordLayout.length(3, 5, headersLength);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[length]);
        buffer.setMemory(0, length, (byte) 0xee);

        RecordLayout.putHeader(buffer, 0, 0x0102030405060708L, 3, 5, headersLength);
        buffer.putBytes(RecordLayout.keyIndex(0), "key".getBytes(UTF_8));
        buffer.putBytes(RecordLayout.valueIndex(buffer, 0), "value".getBytes(UTF_8));
        assertEquals(headersLength, HeadersLayout.put(buffer, RecordLayout.headersIndex(buffer, 0), headers));

        assertEquals("""
                38000000 00000000 08070605 04030201
                03000000 05000000 6b657976 616c7565
                02000000 01000000 61ffffff ff010000
                00620200 00007879""", Batches.hex(buffer.byteArray()));
        assertEquals(length, RecordLayout.length(buffer, 0));
        assertEquals(0, RecordLayout.offsetDelta(buffer, 0));
        assertEquals(0x0102030405060708L, RecordLayout.timestamp(buffer, 0));
        assertEquals(3, RecordLayout.keyLength(buffer, 0));
        assertEquals(5, RecordLayout.valueLength(buffer, 0));
        assertEquals(headersLength, RecordLayout.headersLength(buffer, 0));
        assertEquals(headers, HeadersLayout.get(buffer, RecordLayout.headersIndex(buffer, 0), headersLength));
    }

    @Test
    void nullIsNotEmpty() {
        assertEquals(
                """
                18000000 00000000 ffffffff ffffffff
                ffffffff ffffffff""",
                Batches.hex(
                        Batches.record(RecordLayout.NO_TIMESTAMP, null, null).byteArray()));
        assertEquals(
                """
                18000000 00000000 ffffffff ffffffff
                00000000 00000000""",
                Batches.hex(Batches.record(RecordLayout.NO_TIMESTAMP, new byte[0], new byte[0])
                        .byteArray()));
    }

    @Test
    void lengthIsPaddedAndDoesNotOverflow() {
        assertEquals(24, RecordLayout.length(-1, -1, 0));
        assertEquals(32, RecordLayout.length(4, 4, 0));
        assertEquals(40, RecordLayout.length(4, 5, 0));
        assertEquals(6_442_450_968L, RecordLayout.length(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }
}
