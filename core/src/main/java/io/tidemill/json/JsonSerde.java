package io.tidemill.json;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.tidemill.Serde;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Objects as JSON text in UTF-8, by Jackson. */
public final class JsonSerde {
    private JsonSerde() {}

    /**
     * By a mapper without any settings.
     *
     * @param type what the text is read as
     * @param <T> the same
     * @return a new one
     */
    public static <T> Serde<T> of(Class<T> type) {
        return of(type, new ObjectMapper());
    }

    /**
     * By a mapper with settings and modules of its own. Those that it has now count.
     *
     * @param type what the text is read as
     * @param mapper does the work
     * @param <T> the same
     * @return a new one
     */
    public static <T> Serde<T> of(Class<T> type, ObjectMapper mapper) {
        ObjectWriter writer = mapper.writerFor(type);
        ObjectReader reader = mapper.readerFor(type);
        return new Serde<>(
                (value, target, index) -> {
                    byte[] text = write(writer, value);
                    target.putBytes(index, text);
                    return text.length;
                },
                (source, index, length) -> {
                    byte[] text = new byte[length];
                    source.getBytes(index, text);
                    return read(reader, type, text);
                });
    }

    private static byte[] write(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T read(ObjectReader reader, Class<T> type, byte[] text) {
        try {
            return reader.readValue(text, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
