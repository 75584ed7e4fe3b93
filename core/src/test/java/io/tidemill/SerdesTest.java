package io.tidemill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.json.JsonSerde;
import io.tidemill.runtime.JvmAccess;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes as Kafka's serializers of the same type write them. */
final class SerdesTest {
    static {
        JvmAccess.ensureAgrona();
    }

    /** A type of a user's. */
    record Payment(String customer, long cents, List<String> tags) {}

    static Stream<Arguments> golden() {
        return Stream.of(
                Arguments.of(Serdes.string(), "Grüße", "4772c3bcc39f65"),
                Arguments.of(Serdes.string(), "", ""),
                Arguments.of(Serdes.integer(), 0x01020304, "01020304"),
                Arguments.of(Serdes.integer(), -1, "ffffffff"),
                Arguments.of(Serdes.longs(), 0x0102030405060708L, "0102030405060708"),
                Arguments.of(Serdes.shorts(), (short) 0x0102, "0102"),
                Arguments.of(Serdes.shorts(), Short.MIN_VALUE, "8000"),
                Arguments.of(Serdes.doubles(), 1.5, "3ff8000000000000"),
                Arguments.of(Serdes.doubles(), -0.0, "8000000000000000"),
                Arguments.of(Serdes.floats(), 1.5f, "3fc00000"),
                Arguments.of(Serdes.floats(), Float.NEGATIVE_INFINITY, "ff800000"),
                Arguments.of(
                        Serdes.uuid(),
                        new UUID(0x0123456789abcdefL, 0xfedcba9876543210L),
                        HexFormat.of().formatHex("01234567-89ab-cdef-fedc-ba9876543210".getBytes(UTF_8))),
                Arguments.of(Serdes.byteBuffer(), ByteBuffer.wrap(new byte[] {1, 2, 3}), "010203"),
                Arguments.of(
                        Serdes.json(Payment.class),
                        new Payment("ü", 2599, List.of("a", "b")),
                        HexFormat.of()
                                .formatHex(
                                        "{\"customer\":\"ü\",\"cents\":2599,\"tags\":[\"a\",\"b\"]}".getBytes(UTF_8))));
    }

    @ParameterizedTest
    @MethodSource("golden")
    <T> void writesWhatKafkaWritesAndReadsIt(Serde<T> serde, T value, String hex) {
        assertEquals(hex, HexFormat.of().formatHex(serialize(serde, value)));
        assertEquals(value, deserialize(serde, HexFormat.of().parseHex(hex)));
    }

    @Test
    void bytesAreCopiedBothWays() {
        byte[] bytes = {1, 2, 3};

        assertArrayEquals(bytes, serialize(Serdes.bytes(), bytes));
        assertArrayEquals(bytes, deserialize(Serdes.bytes(), bytes));
    }

    /** As Kafka's, which rewinds it. */
    @Test
    void aByteBufferIsTakenFromItsBeginningAndStaysWhereItIs() {
        ByteBuffer direct = ByteBuffer.allocateDirect(10);
        direct.put(new byte[] {1, 2, 3, 4, 5}).limit(4).position(2);

        assertArrayEquals(new byte[] {1, 2, 3, 4}, serialize(Serdes.byteBuffer(), direct));

        assertEquals(2, direct.position());
        assertArrayEquals(new byte[] {1, 2, 3, 4}, serialize(Serdes.byteBuffer(), direct.asReadOnlyBuffer()));
        assertArrayEquals(new byte[0], serialize(Serdes.byteBuffer(), ByteBuffer.allocate(0)));
    }

    @Test
    void whatHasAnotherLengthIsRefused() {
        for (Serde<?> serde :
                List.of(Serdes.integer(), Serdes.longs(), Serdes.shorts(), Serdes.doubles(), Serdes.floats())) {
            for (int length : new int[] {0, 1, 3, 5, 7, 9}) {
                assertThrows(IllegalArgumentException.class, () -> deserialize(serde, new byte[length]));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> deserialize(Serdes.uuid(), new byte[16]));
    }

    @Test
    void whatIsNoJsonOfItsTypeIsRefused() {
        Serde<Payment> serde = Serdes.json(Payment.class);
        for (String text : List.of("", "{", "[]", "{\"cents\":\"many\"}", "{\"unknown\":1}")) {
            assertThrows(RuntimeException.class, () -> deserialize(serde, text.getBytes(UTF_8)), text);
        }
    }

    @Test
    void jsonGoesByTheMapperThatIsGiven() {
        ObjectMapper mapper = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        Serde<Payment> serde = JsonSerde.of(Payment.class, mapper);

        Payment payment = deserialize(serde, "{\"cents\":7,\"unknown\":1}".getBytes(UTF_8));

        assertEquals(7, payment.cents());
    }

    @Test
    void aSerdeIsMadeOfItsTwoParts() {
        Serde<Payment> cents = new Serde<>(
                (value, target, index) -> Serdes.longs().serializer().serialize(value.cents(), target, index),
                (source, index, length) ->
                        new Payment("", Serdes.longs().deserializer().deserialize(source, index, length), List.of()));

        assertEquals(8, serialize(cents, new Payment("", 5, List.of())).length);
        assertTrue(deserialize(cents, new byte[] {0, 0, 0, 0, 0, 0, 0, 5}).cents() == 5);
    }

    /** Not at the beginning of the buffer, as in a record. */
    private static <T> byte[] serialize(Serde<T> serde, T value) {
        ExpandableArrayBuffer target = new ExpandableArrayBuffer(8);
        int length = serde.serializer().serialize(value, target, 5);
        byte[] bytes = new byte[length];
        target.getBytes(5, bytes);
        return bytes;
    }

    private static <T> T deserialize(Serde<T> serde, byte[] bytes) {
        UnsafeBuffer source = new UnsafeBuffer(new byte[bytes.length + 16]);
        source.setMemory(0, source.capacity(), (byte) 0x77);
        source.putBytes(7, bytes);
        return serde.deserializer().deserialize(source, 7, bytes.length);
    }
}
