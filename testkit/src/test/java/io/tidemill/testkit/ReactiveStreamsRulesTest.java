package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.RecordPublisher;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;

/** C07, the publisher: the rules of Reactive Streams, by their own test kit, whose waits are of the wall clock. */
class ReactiveStreamsRulesTest {
    /** How long a signal may take that must come; ample, since nothing waits for it when it came. */
    private static final int SIGNAL_MS = 2_000;

    /** How long it is looked whether a signal comes that must not. */
    private static final int NO_SIGNAL_MS = 50;

    /** More than any rule looks at. */
    private static final int RECORDS_MAX = 1_000;

    @TestFactory
    Stream<DynamicTest> keepsTheRules() {
        Method[] rules = RecordPublisherVerification.class.getMethods();
        Assertions.assertTrue(
                Arrays.stream(rules).filter(ReactiveStreamsRulesTest::isRule).count() > 20);
        return Arrays.stream(rules)
                .filter(ReactiveStreamsRulesTest::isRule)
                .sorted(Comparator.comparing(Method::getName))
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> verify(rule)));
    }

    /** The kit names also those that no test can try. */
    private static boolean isRule(Method method) {
        return method.isAnnotationPresent(org.testng.annotations.Test.class)
                && !method.getName().startsWith("untested");
    }

    private static void verify(Method rule) throws Throwable {
        try (Broker broker = Broker.inMemory()) {
            RecordPublisherVerification verification = new RecordPublisherVerification(broker);
            verification.setUp();
            rule.invoke(verification);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SkipException skip) {
                throw new TestAbortedException(skip.getMessage());
            }
            throw e.getCause();
        }
    }

    /** A public class, since its methods are called by reflection. */
    public static final class RecordPublisherVerification
            extends FlowPublisherVerification<ConsumerRecord<String, String>> {
        private final Broker broker;

        RecordPublisherVerification(Broker broker) {
            super(new TestEnvironment(SIGNAL_MS, NO_SIGNAL_MS));
            this.broker = broker;
        }

        /** One that is closed behind that many records; who asks for more than these gets one without an end. */
        @Override
        public Flow.Publisher<ConsumerRecord<String, String>> createFlowPublisher(long elements) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
            for (long i = 0; i < Math.min(elements, RECORDS_MAX); i++) {
                topic.send("k", "v-" + i);
            }
            RecordPublisher<String, String> publisher = broker.publisher(topic.consumer());
            return subscriber -> {
                publisher.subscribe(subscriber == null ? null : new Closing(subscriber, elements, publisher));
                if (elements == 0) {
                    publisher.close();
                }
            };
        }

        @Override
        public Flow.Publisher<ConsumerRecord<String, String>> createFailedFlowPublisher() {
            try (Broker closed = Broker.inMemory()) {
                return closed.publisher(closed.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1))
                        .consumer());
            }
        }
    }

    /** Closes the publisher with the last record. */
    private static final class Closing implements Flow.Subscriber<ConsumerRecord<String, String>> {
        private final Flow.Subscriber<? super ConsumerRecord<String, String>> subscriber;
        private final RecordPublisher<String, String> publisher;
        private long remaining;

        Closing(
                Flow.Subscriber<? super ConsumerRecord<String, String>> subscriber,
                long elements,
                RecordPublisher<String, String> publisher) {
            this.subscriber = subscriber;
            this.remaining = elements;
            this.publisher = publisher;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(subscription);
        }

        @Override
        public void onNext(ConsumerRecord<String, String> record) {
            remaining--;
            if (remaining == 0) {
                publisher.close();
            }
            subscriber.onNext(record);
        }

        @Override
        public void onError(Throwable failure) {
            subscriber.onError(failure);
        }

        @Override
        public void onComplete() {
            subscriber.onComplete();
        }
    }
}
