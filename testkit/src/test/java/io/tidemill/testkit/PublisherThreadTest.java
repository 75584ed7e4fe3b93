package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.RecordPublisher;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C07, the publisher on a thread of its own, which ends with the stream whatever ends that. */
class PublisherThreadTest {
    @TempDir
    Path directory;

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private Broker broker = open(Engine.MEMORY, Threads.Mode.DEDICATED);

    @AfterEach
    void closeBroker() throws InterruptedException {
        broker.close();
        for (Thread thread : made) {
            assertTrue(thread.isDaemon());
            thread.join();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Threads.Mode.class,
            names = {"DEDICATED", "SHARED"})
    void givesEveryRecordAsItIsRequested(Threads.Mode mode) {
        for (Engine engine : Engine.values()) {
            broker.close();
            broker = open(engine, mode);
            Topic<String, String> topic = topic(3);
            Requesting subscriber = new Requesting(3_000, 7);
            try (RecordPublisher<String, String> publisher = broker.publisher(topic.consumer())) {
                publisher.subscribe(subscriber);
                Set<String> sent = new HashSet<>();
                for (int i = 0; i < 3_000; i++) {
                    topic.send("key-" + i, "v-" + i);
                    sent.add("v-" + i);
                }
                subscriber.all.join();

                assertEquals(3_000, subscriber.received.size());
                assertEquals(sent, new HashSet<>(subscriber.received));
            }
            subscriber.completed.join();
            assertEquals(Set.of("tidemill-publisher"), subscriber.threads);
        }
    }

    @Test
    void completesWhereItWaitsForARecord() {
        Requesting subscriber = new Requesting(1, 1);
        RecordPublisher<String, String> publisher = broker.publisher(topic(1).consumer());
        publisher.subscribe(subscriber);

        publisher.close();

        subscriber.completed.join();
    }

    @Test
    void completesWhereItWaitsForARequest() {
        Requesting subscriber = new Requesting(0, 0);
        RecordPublisher<String, String> publisher = broker.publisher(topic(1).consumer());
        publisher.subscribe(subscriber);

        publisher.close();

        subscriber.completed.join();
    }

    @ParameterizedTest
    @EnumSource(Waiting.class)
    void failsWhenTheBrokerIsClosed(Waiting waiting) {
        int requests = waiting == Waiting.FOR_A_RECORD ? 1 : 0;
        Requesting subscriber = new Requesting(requests, requests);
        RecordPublisher<String, String> publisher = broker.publisher(topic(1).consumer());
        publisher.subscribe(subscriber);

        broker.close();

        CompletionException e = assertThrows(CompletionException.class, subscriber.completed::join);
        assertInstanceOf(BrokerClosedException.class, e.getCause());
    }

    private enum Waiting {
        FOR_A_RECORD,
        FOR_A_REQUEST
    }

    /** Whichever it meets: a thread that begins, polls, waits, or gives. */
    @Test
    void canBeClosedAtAnyMoment() {
        Topic<String, String> topic = topic(1);
        for (int i = 0; i < 3; i++) {
            topic.send("k", "v").join();
        }
        for (int i = 0; i < 1_000; i++) {
            Requesting subscriber = new Requesting(5, 2);
            RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
            publisher.subscribe(subscriber);
            for (int spin = i % 100 * 20; spin > 0; spin--) {
                Thread.onSpinWait();
            }

            publisher.close();

            subscriber.completed.join();
        }
    }

    @Test
    void aSubscriberThatInterruptsTheThreadDoesNotEndTheStream() {
        Topic<String, String> topic = topic(1);
        Requesting subscriber = new Requesting(2, 1);
        subscriber.isInterrupting = true;
        try (RecordPublisher<String, String> publisher = broker.publisher(topic.consumer())) {
            publisher.subscribe(subscriber);
            topic.send("k", "a").join();
            topic.send("k", "b").join();
            subscriber.all.join();
        }

        subscriber.completed.join();
    }

    @Test
    void isNotRunByOthers() {
        try (RecordPublisher<String, String> publisher = broker.publisher(topic(1).consumer())) {
            assertThrows(IllegalStateException.class, () -> publisher.runOnce(Duration.ZERO));
        }
    }

    private Broker open(Engine engine, Threads.Mode mode) {
        Threads threads = new Threads(mode, Threads.dedicated().factory(), null).withFactory(work -> {
            Thread thread = Threads.dedicated().factory().newThread(work);
            made.add(thread);
            return thread;
        });
        return Broker.open(
                engine == Engine.MEMORY ? engine.storage(Path.of("")) : engine.storage(directory.resolve(mode.name())),
                BrokerSettings.defaults(),
                Seams.system().withThreads(threads));
    }

    private Topic<String, String> topic(int partitions) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(partitions));
    }

    /** Requests some records at a time. */
    private static final class Requesting implements Flow.Subscriber<ConsumerRecord<String, String>> {
        private final List<String> received = new CopyOnWriteArrayList<>();
        private final Set<String> threads = new HashSet<>();
        private final CompletableFuture<Void> all = new CompletableFuture<>();
        private final CompletableFuture<Void> completed = new CompletableFuture<>();
        private final int expected;
        private final int atOnce;
        private boolean isInterrupting;
        private Flow.Subscription subscription;

        Requesting(int expected, int atOnce) {
            this.expected = expected;
            this.atOnce = atOnce;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (atOnce > 0) {
                given.request(atOnce);
            }
        }

        @Override
        public void onNext(ConsumerRecord<String, String> record) {
            assertFalse(completed.isDone());
            received.add(record.value());
            threads.add(Thread.currentThread().getName());
            if (isInterrupting) {
                Thread.currentThread().interrupt();
            }
            if (received.size() == expected) {
                all.complete(null);
            } else if (received.size() % atOnce == 0) {
                subscription.request(atOnce);
            }
        }

        @Override
        public void onError(Throwable failure) {
            completed.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            completed.complete(null);
        }
    }
}
