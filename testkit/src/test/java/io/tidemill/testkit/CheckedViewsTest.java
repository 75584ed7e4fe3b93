package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RecordView;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C06: where views are checked, one that is used after its time throws; where they are not, it shows bytes, and no more. */
class CheckedViewsTest {
    private static final RawConsumerSettings CHECKED =
            RawConsumerSettings.defaults().withCheckedViews();
    private static final int RECORDS = 200;

    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void showsTheSameAsAnUncheckedOne(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            List<String> unchecked = new ArrayList<>();
            List<String> checked = new ArrayList<>();
            try (RawConsumer plain = topic.rawConsumer(0);
                    RawConsumer careful = topic.rawConsumer(0, CHECKED)) {
                plain.poll(record -> unchecked.add(describe(record)), RECORDS);
                careful.poll(record -> checked.add(describe(record)), RECORDS);
            }

            assertEquals(RECORDS, checked.size());
            assertEquals(unchecked, checked);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aViewIsOverWhenItsHandlerReturns(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            try (RawConsumer consumer = topic.rawConsumer(0, CHECKED)) {
                List<RecordView> kept = new ArrayList<>();
                List<DirectBuffer> buffers = new ArrayList<>();

                consumer.poll(
                        record -> {
                            kept.forEach(CheckedViewsTest::assertOver);
                            buffers.forEach(CheckedViewsTest::assertOver);
                            kept.add(record);
                            buffers.add(record.buffer());
                        },
                        RawConsumerSettings.CHECKED_VIEWS);

                assertEquals(RawConsumerSettings.CHECKED_VIEWS, kept.size());
                kept.forEach(CheckedViewsTest::assertOver);
                buffers.forEach(CheckedViewsTest::assertOver);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aViewIsOverWhenItsHandlerThrows(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            try (RawConsumer consumer = topic.rawConsumer(0, CHECKED)) {
                List<RecordView> kept = new ArrayList<>();

                assertThrows(
                        ArithmeticException.class,
                        () -> consumer.poll(
                                record -> {
                                    kept.add(record);
                                    throw new ArithmeticException();
                                },
                                1));

                assertOver(kept.get(0));
                assertEquals(1, consumer.poll(record -> assertEquals(0, record.offset()), 1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aViewIsOverWhenItsConsumerMoves(Engine engine) {
        List<Consumer<RawConsumer>> moves = List.of(
                consumer -> consumer.seek(70),
                consumer -> consumer.seekToTime(0),
                RawConsumer::seekToMaxTime,
                consumer -> consumer.await(Duration.ZERO),
                consumer -> consumer.poll(record -> describe(record), 3),
                RawConsumer::close);
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            for (Consumer<RawConsumer> move : moves) {
                try (RawConsumer consumer = topic.rawConsumer(0, CHECKED)) {
                    int count = consumer.poll(
                            record -> {
                                DirectBuffer buffer = record.buffer();
                                describe(record);
                                move.accept(consumer);
                                assertOver(record);
                                assertOver(buffer);
                            },
                            1);

                    assertEquals(1, count);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aHandlerThatPollsGoesOnWithItsOwnRecords(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            List<Long> outer = new ArrayList<>();
            List<Long> inner = new ArrayList<>();
            try (RawConsumer consumer = topic.rawConsumer(0, CHECKED)) {
                consumer.poll(
                        record -> {
                            outer.add(record.offset());
                            consumer.poll(other -> inner.add(other.offset()), 2);
                        },
                        2);
            }

            assertEquals(List.of(0L, 3L), outer);
            assertEquals(List.of(1L, 2L, 4L, 5L), inner);
        }
    }

    /** The mistake to find: a view that another thread gets to see. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aViewIsOverForOtherThreadsToo(Engine engine) {
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            try (RawConsumer consumer = topic.rawConsumer(0, CHECKED)) {
                List<RecordView> kept = new ArrayList<>();
                consumer.poll(kept::add, 1);

                CompletableFuture.runAsync(() -> assertOver(kept.get(0))).join();
            }
        }
    }

    /** Nothing that is kept can fault the JVM: the memory below stays, whoever has it now. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void anUncheckedViewShowsSomeBytesAfterItsTime(Engine engine) {
        List<RecordView> views = new ArrayList<>();
        List<DirectBuffer> buffers = new ArrayList<>();
        try (Broker broker = open(engine)) {
            Topic<String, String> topic = fill(broker);
            try (RawConsumer consumer = topic.rawConsumer(0)) {
                consumer.poll(
                        record -> {
                            views.add(record);
                            buffers.add(record.buffer());
                        },
                        RECORDS);
            }
            readTo(buffers);
        }
        readTo(buffers);
        assertEquals(RECORDS, views.size());
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> buffers.get(0).getLong(buffers.get(0).capacity()));
    }

    private static void readTo(List<DirectBuffer> buffers) {
        for (DirectBuffer buffer : buffers) {
            buffer.getBytes(0, new byte[buffer.capacity()]);
        }
    }

    private static void assertOver(RecordView view) {
        assertOver(view::offset);
        assertOver(view::timestamp);
        assertOver(view::buffer);
        assertOver(view::keyIndex);
        assertOver(view::keyLength);
        assertOver(view::valueIndex);
        assertOver(view::valueLength);
        assertOver(view::headersIndex);
        assertOver(view::headersLength);
    }

    private static void assertOver(Runnable use) {
        IllegalStateException e = assertThrows(IllegalStateException.class, use::run);
        assertTrue(e.getMessage().contains("after its time"), e::getMessage);
    }

    /** Every method that a buffer has; those that would point it elsewhere are refused at any time. */
    private static void assertOver(DirectBuffer buffer) {
        int methods = 0;
        for (Method method : DirectBuffer.class.getMethods()) {
            Object[] arguments = new Object[method.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = argument(method.getParameterTypes()[i]);
            }
            Class<?> expected =
                    method.getName().equals("wrap") ? UnsupportedOperationException.class : IllegalStateException.class;
            InvocationTargetException e = assertThrows(
                    InvocationTargetException.class, () -> method.invoke(buffer, arguments), method::toString);
            assertEquals(expected, e.getCause().getClass(), method::toString);
            methods++;
        }
        assertTrue(methods > 40, "methods=" + methods);
    }

    private static Object argument(Class<?> type) {
        if (type == int.class) {
            return 0;
        } else if (type == long.class) {
            return 0L;
        } else if (type == byte[].class) {
            return new byte[1];
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.allocate(1);
        } else if (type == ByteOrder.class) {
            return ByteOrder.LITTLE_ENDIAN;
        } else if (type == Appendable.class) {
            return new StringBuilder();
        }
        assertTrue(type.isAssignableFrom(UnsafeBuffer.class) || type == MutableDirectBuffer.class, type::toString);
        return new UnsafeBuffer(new byte[1]);
    }

    /** Uses all of it. */
    private static String describe(RecordView record) {
        DirectBuffer buffer = record.buffer();
        String key = buffer.getStringWithoutLengthUtf8(record.keyIndex(), record.keyLength());
        String value = buffer.getStringWithoutLengthUtf8(record.valueIndex(), record.valueLength());
        return record.offset() + " " + record.timestamp() + " " + key + "=" + value + " " + record.headersIndex() + "+"
                + record.headersLength();
    }

    private static Topic<String, String> fill(Broker broker) {
        Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
        for (int i = 0; i < RECORDS; i++) {
            topic.send("k" + i, "v" + i);
        }
        topic.send("k", "v").join();
        return topic;
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    }
}
