package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.RecordPublisher;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.SerializationException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C07, the publisher on the test's thread: it gives what is requested, and ends once. */
class RecordPublisherTest {
    private static final Duration NOT_AT_ALL = Duration.ZERO;

    private final ManualClock clock = new ManualClock();
    private final Broker broker = Broker.open(
            Storage.inMemory(),
            BrokerSettings.defaults(),
            new Seams(clock, clock, new SplittableRandom(1), Threads.manual()));
    private final Topic<String, String> topic =
            broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    private final Signals signals = new Signals();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @Test
    void givesWhatIsRequestedAndNoMore() {
        send("a", "b", "c", "d");
        RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
        publisher.subscribe(signals);

        assertEquals(0, publisher.runOnce(NOT_AT_ALL));
        signals.subscription.request(1);
        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));
        signals.subscription.request(1);
        signals.subscription.request(1);
        assertEquals(2, publisher.runOnce(NOT_AT_ALL));
        signals.subscription.request(5);
        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        send("e");
        assertEquals(1, publisher.runOnce(NOT_AT_ALL));

        assertEquals(List.of("a", "b", "c", "d", "e"), signals.received);
    }

    @Test
    void aRequestWithoutEndIsNeverUsedUp() {
        send("a", "b");
        RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
        publisher.subscribe(signals);

        signals.subscription.request(Long.MAX_VALUE);
        signals.subscription.request(Long.MAX_VALUE);

        assertEquals(2, publisher.runOnce(NOT_AT_ALL));
        assertEquals(List.of(), signals.ends);
    }

    @Test
    void waitsForARecordThatIsRequestedForNoLongerThanAsked() {
        RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
        publisher.subscribe(signals);
        signals.subscription.request(1);
        Duration start = clock.elapsed();

        assertEquals(0, publisher.runOnce(Duration.ofDays(7)));

        assertEquals(Duration.ofDays(7), clock.elapsed().minus(start));
    }

    @Test
    void completesWhenItIsClosedAndGivesNothingMore() {
        send("a", "b");
        Consumer<String, String> consumer = topic.consumer();
        RecordPublisher<String, String> publisher = broker.publisher(consumer);
        publisher.subscribe(signals);
        signals.onNext = publisher::close;
        signals.subscription.request(5);

        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));
        publisher.close();

        assertEquals(List.of("a"), signals.received);
        assertEquals(List.of("completed"), signals.ends);
        assertThrows(IllegalStateException.class, () -> consumer.poll(NOT_AT_ALL));
    }

    @Test
    void closedBeforeItIsSubscribedToItOnlyCompletes() {
        send("a");
        Consumer<String, String> consumer = topic.consumer();
        RecordPublisher<String, String> publisher = broker.publisher(consumer);
        publisher.close();
        assertThrows(IllegalStateException.class, () -> consumer.poll(NOT_AT_ALL));

        publisher.subscribe(signals);
        signals.subscription.request(5);

        assertEquals(0, publisher.runOnce(NOT_AT_ALL));
        assertEquals(List.of("completed"), signals.ends);
    }

    @Test
    void givesNothingAfterItIsCancelled() {
        send("a", "b");
        Consumer<String, String> consumer = topic.consumer();
        RecordPublisher<String, String> publisher = broker.publisher(consumer);
        publisher.subscribe(signals);
        signals.onNext = () -> signals.subscription.cancel();
        signals.subscription.request(5);

        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        signals.subscription.request(-1);
        publisher.close();
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));

        assertEquals(List.of("a"), signals.received);
        assertEquals(List.of(), signals.ends);
        assertThrows(IllegalStateException.class, () -> consumer.poll(NOT_AT_ALL));
    }

    @Test
    void failsWhereTheConsumerFailsAfterWhatWasBefore() {
        send("four", "toolong");
        Topic<String, Integer> integers = broker.topic("t", Serdes.string(), Serdes.integer());
        RecordPublisher<String, Integer> publisher = broker.publisher(integers.consumer());
        publisher.subscribe(signals);
        signals.subscription.request(5);

        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        assertEquals(List.of(), signals.ends);
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));

        assertEquals(1, signals.ends.size());
        assertInstanceOf(SerializationException.class, signals.ends.get(0));
    }

    @Test
    void refusesARequestOfNothing() {
        send("a");
        RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
        publisher.subscribe(signals);

        signals.subscription.request(0);
        publisher.runOnce(NOT_AT_ALL);

        assertEquals(1, signals.ends.size());
        String message = assertInstanceOf(IllegalArgumentException.class, signals.ends.get(0))
                .getMessage();
        assertEquals("a request must be positive (rule 3.9): n=0", message);
    }

    @Test
    void refusesASecondSubscriberAndKeepsTheFirst() {
        send("a");
        RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
        publisher.subscribe(signals);
        Signals second = new Signals();

        publisher.subscribe(second);
        second.subscription.request(1);
        second.subscription.cancel();
        signals.subscription.request(1);

        assertInstanceOf(IllegalStateException.class, second.ends.get(0));
        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        assertEquals(List.of("a"), signals.received);
    }

    @Test
    void takesASubscriberThatThrowsForOneThatCancelled() {
        send("a", "b");
        Consumer<String, String> consumer = topic.consumer();
        RecordPublisher<String, String> publisher = broker.publisher(consumer);
        publisher.subscribe(signals);
        signals.onNext = () -> {
            throw new IllegalStateException("against rule 2.13");
        };
        signals.subscription.request(5);

        assertEquals(1, publisher.runOnce(NOT_AT_ALL));
        assertEquals(0, publisher.runOnce(NOT_AT_ALL));

        assertEquals(List.of("a"), signals.received);
        assertEquals(List.of(), signals.ends);
        assertThrows(IllegalStateException.class, () -> consumer.poll(NOT_AT_ALL));
    }

    private void send(String... values) {
        for (String value : values) {
            topic.send("k", value).join();
        }
    }

    /** What a subscriber got. */
    static final class Signals implements Flow.Subscriber<ConsumerRecord<String, ?>> {
        final List<Object> received = new ArrayList<>();
        final List<Object> ends = new ArrayList<>();
        Flow.Subscription subscription;
        Runnable onNext = () -> {};

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ConsumerRecord<String, ?> record) {
            received.add(record.value());
            onNext.run();
        }

        @Override
        public void onError(Throwable failure) {
            ends.add(failure);
        }

        @Override
        public void onComplete() {
            ends.add("completed");
        }
    }
}
