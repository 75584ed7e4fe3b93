package io.tidemill.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What events are written with. What was put is got again from a buffer, whose position moves behind it.
 *
 * <pre>
 *   string: length in bytes (int32), UTF-8;   id: 2 × int64;   all numbers big-endian
 * </pre>
 */
public final class EventBytes {
    /** Writes an event. */
    public interface Content {
        void put(DataOutputStream out) throws IOException;
    }

    private EventBytes() {}

    public static byte[] of(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            content.put(out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory refused to be written", e);
        }
        return bytes.toByteArray();
    }

    public static void putString(DataOutputStream out, String string) throws IOException {
        byte[] bytes = string.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static String getString(ByteBuffer buffer) {
        int length = buffer.getInt();
        if (length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, UTF_8);
    }

    public static void putId(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    public static UUID getId(ByteBuffer buffer) {
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
