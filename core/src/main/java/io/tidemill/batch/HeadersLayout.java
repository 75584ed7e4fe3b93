package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.Header;
import io.tidemill.errors.CorruptRecordException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Headers of a record, as {@link RecordLayout} draws them. */
public final class HeadersLayout {
    private HeadersLayout() {}

    /** Writes headers, of which there is at least one; answers how many bytes they took. */
    public static int put(MutableDirectBuffer buffer, int index, List<Header> headers) {
        int at = index;
        buffer.putInt(at, headers.size(), LITTLE_ENDIAN);
        at += Integer.BYTES;
        for (Header header : headers) {
            byte[] key = header.key().getBytes(StandardCharsets.UTF_8);
            buffer.putInt(at, key.length, LITTLE_ENDIAN);
            buffer.putBytes(at + Integer.BYTES, key);
            at += Integer.BYTES + key.length;
            byte[] value = header.value();
            buffer.putInt(at, value == null ? RecordLayout.NULL_LENGTH : value.length, LITTLE_ENDIAN);
            at += Integer.BYTES;
            if (value != null) {
                buffer.putBytes(at, value);
                at += value.length;
            }
        }
        return at - index;
    }

    /**
     * Reads what {@link #put} wrote. The list cannot be changed.
     *
     * @throws CorruptRecordException when a header reaches beyond the others: the checksum proves the bytes, not their
     *     writer
     */
    public static List<Header> get(DirectBuffer buffer, int index, int length) {
        if (length == 0) {
            return List.of();
        }
        return new Reader(buffer, index, index + length).headers();
    }

    private static final class Reader {
        private final DirectBuffer buffer;
        private final int end;
        private int at;

        Reader(DirectBuffer buffer, int index, int end) {
            this.buffer = buffer;
            this.at = index;
            this.end = end;
        }

        List<Header> headers() {
            int count = number();
            List<Header> headers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String key = new String(bytes(number()), StandardCharsets.UTF_8);
                int valueLength = number();
                headers.add(new Header(key, valueLength == RecordLayout.NULL_LENGTH ? null : bytes(valueLength)));
            }
            return List.copyOf(headers);
        }

        private int number() {
            require(Integer.BYTES);
            int number = buffer.getInt(at, LITTLE_ENDIAN);
            at += Integer.BYTES;
            return number;
        }

        private byte[] bytes(int length) {
            require(length);
            byte[] bytes = new byte[length];
            buffer.getBytes(at, bytes);
            at += length;
            return bytes;
        }

        private void require(int length) {
            if (length < 0 || length > end - at) {
                throw new CorruptRecordException(
                        "header reaches beyond the others: length=" + length + ", available=" + (end - at));
            }
        }
    }
}
