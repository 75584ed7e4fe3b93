package io.tidemill.broker;

import io.tidemill.Broker;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.consumer.Consumers;
import io.tidemill.lane.OpenTopic;
import io.tidemill.metrics.Telemetry;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.Wakeup;
import io.tidemill.spi.Clock;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A broker as Tidemill's other modules see it: what lives in it beside topics, and what that takes. Thread-safe. */
public interface HostBroker extends Broker {
    /** The same, if it is one of Tidemill's. */
    static HostBroker of(Broker broker) {
        if (broker instanceof HostBroker host) {
            return host;
        }
        throw new IllegalArgumentException(
                "not a broker that Tidemill opened: class=" + broker.getClass().getName());
    }

    /**
     * Refuses what works on a broker only that is in no cluster.
     *
     * @throws UnsupportedOperationException when there are others
     */
    default HostBroker requireAlone(String what) {
        if (!peers().isAlone()) {
            throw new UnsupportedOperationException(what + " do not work on a broker of a cluster yet");
        }
        return this;
    }

    /** The one of that type; made when it is asked for the first time, and there until the broker is closed. */
    <T extends Companion> T companion(Class<T> type, Function<HostBroker, T> maker);

    /**
     * One of those that the broker keeps for itself, made with these settings when there is none. Where another broker writes, it
     * holds what that one has written by now.
     *
     * @return null when there is none, and it may not be made
     */
    @Nullable
    Topic<byte[], byte[]> internalTopic(String name, TopicSettings settings);

    /** Those that there are now, internal ones too. */
    Collection<OpenTopic> openTopics();

    /** The side of it that other brokers see. */
    PeerSide peers();

    Clock clock();

    CallerWait callerWait();

    /** What wakes the thread on which companions work. */
    Wakeup wakeup();

    Consumers consumers();

    Telemetry telemetry();

    boolean isReadOnly();

    /** One that nobody had before. */
    UUID newId();
}
