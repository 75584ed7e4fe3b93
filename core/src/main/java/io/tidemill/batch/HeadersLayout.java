package io.tidemill.batch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.Header;
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

    /** Reads what {@link #put} wrote. The list cannot be changed. */
    public static List<Header> get(DirectBuffer buffer, int index, int length) {
        if (length == 0) {
            return List.of();
        }
        int count = buffer.getInt(index, LITTLE_ENDIAN);
        int at = index + Integer.BYTES;
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = new byte[buffer.getInt(at, LITTLE_ENDIAN)];
            buffer.getBytes(at + Integer.BYTES, key);
            at += Integer.BYTES + key.length;
            int valueLength = buffer.getInt(at, LITTLE_ENDIAN);
            at += Integer.BYTES;
            byte[] value = null;
            if (valueLength != RecordLayout.NULL_LENGTH) {
                value = new byte[valueLength];
                buffer.getBytes(at, value);
                at += valueLength;
            }
            headers.add(new Header(new String(key, StandardCharsets.UTF_8), value));
        }
        return List.copyOf(headers);
    }
}
