package io.tidemill;

import io.tidemill.broker.BrokerOpening;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A broker inside this JVM: it owns topics, takes records and hands them out again. No port, no server, no
 * configuration file.
 *
 * <pre>{@code
 * try (Broker broker = Broker.inMemory()) {
 *     Topic<String, String> orders = broker.topic("orders", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
 *     orders.send("customer-123", "25.99").join();
 * }
 * }</pre>
 *
 * <p>Thread-safe. After {@link #close} every call but {@link #health} and {@link #metrics} throws
 * {@link io.tidemill.errors.BrokerClosedException}.
 */
public interface Broker extends AutoCloseable {
    /**
     * Opens a broker that keeps everything in memory and forgets it when it is closed.
     *
     * @return ready to use, owned by the caller
     */
    static Broker inMemory() {
        return BrokerOpening.inMemory();
    }

    /**
     * Opens a broker over what the storage holds, which may be nothing yet.
     *
     * @param storage where the records are kept
     * @return ready to use, owned by the caller
     * @throws io.tidemill.errors.BrokerLockedException when another broker has that storage open
     * @throws io.tidemill.errors.StorageException when the storage cannot be used
     */
    static Broker open(Storage storage) {
        return open(storage, BrokerSettings.defaults());
    }

    /**
     * Opens a broker with settings.
     *
     * @param storage where the records are kept
     * @param settings see there
     * @return ready to use, owned by the caller
     */
    static Broker open(Storage storage, BrokerSettings settings) {
        return BrokerOpening.open(storage, settings, Seams.system());
    }

    /**
     * Opens a broker with settings, and with other clocks, randomness or threads than the system's.
     *
     * @param storage where the records are kept
     * @param settings see there
     * @param seams see there
     * @return ready to use, owned by the caller
     */
    static Broker open(Storage storage, BrokerSettings settings, Seams seams) {
        return BrokerOpening.open(storage, settings, seams);
    }

    /**
     * Creates a topic. When this returns, the topic survives a crash of the machine; when it throws, nothing is left of
     * it.
     *
     * @param name 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-', and neither "." nor ".."
     * @param settings how many partitions, and the like
     * @throws io.tidemill.errors.InvalidTopicException when the name breaks that rule, or is one of those that the broker keeps
     *     for itself
     * @throws io.tidemill.errors.TopicExistsException when there is one already
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    void createTopic(String name, TopicSettings settings);

    /**
     * Gives a topic other settings, and partitions more than it has. What is said holds for handles that are there, too.
     * When this returns, it survives a crash of the machine.
     *
     * <p>With more partitions, keys may belong to others than before. Consumers that are there read the new ones from their
     * start.
     *
     * @param name of the topic
     * @param change makes the new settings of the ones that it has
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic
     * @throws IllegalArgumentException when there would be fewer partitions, or the storage cannot do it
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    void alterTopic(String name, UnaryOperator<TopicSettings> change);

    /**
     * Deletes a topic with everything in it. When this returns, it stays deleted whatever happens; the name is free again.
     * Its producers and consumers are refused from then on, and so are sends that were not answered.
     *
     * @param name of the topic
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    void deleteTopic(String name);

    /**
     * What a topic is like now.
     *
     * @param name of the topic
     * @return a copy
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic
     */
    TopicDescription describeTopic(String name);

    /**
     * The names of all topics, but for those that the broker keeps for itself.
     *
     * @return a copy
     */
    Set<String> topics();

    /**
     * A topic that exists, seen through a pair of serdes. Where {@link BrokerSettings#autoCreateTopics} says so, one that
     * does not exist is created, with {@link BrokerSettings#topicDefaults}.
     *
     * @param name the topic's name
     * @param keySerde for the keys
     * @param valueSerde for the values
     * @param <K> what keys are
     * @param <V> what values are
     * @return cheap to make; nothing to close
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic
     */
    <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde);

    /**
     * The topic of that name, which is created first where it does not exist.
     *
     * @param name as in {@link #createTopic}
     * @param keySerde for the keys
     * @param valueSerde for the values
     * @param settings of the topic
     * @param <K> what keys are
     * @param <V> what values are
     * @return cheap to make; nothing to close
     * @throws io.tidemill.errors.TopicExistsException when there is one with other settings
     * @throws io.tidemill.errors.ReadOnlyException when there is none, and the broker was opened to read only
     */
    <K, V> Topic<K, V> topic(String name, Serde<K> keySerde, Serde<V> valueSerde, TopicSettings settings);

    /**
     * A consumer that is told by {@link Consumer#subscribe} or {@link Consumer#assign} what to read, of one topic or several.
     *
     * @param keySerde for the keys
     * @param valueSerde for the values
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     */
    <K, V> Consumer<K, V> consumer(Serde<K> keySerde, Serde<V> valueSerde, ConsumerSettings settings);

    /**
     * How the broker is now. Any thread, at any time, also after {@link #close}; it reads some words for each lane and each
     * partition, and waits for nobody.
     *
     * @return a copy
     */
    Health health();

    /**
     * What the broker's lanes and partitions have come to. Any thread, at any time, also after {@link #close}; what it tells
     * is counted once per batch in any case, whether somebody asks or not.
     *
     * @return the parts that there are now, which go on telling
     */
    BrokerMetrics metrics();

    /**
     * A loop that gives every record to a handler, and keeps nowhere how far it came.
     *
     * @param consumer of this broker; belongs to the loop from now on, and is closed with it
     * @param handler called for one record after the other
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return not running yet, owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such dead-letter topic
     */
    default <K, V> RecordLoop loop(Consumer<K, V> consumer, RecordHandler<K, V> handler, LoopSettings settings) {
        return loop(consumer, handler, Committer.NONE, settings);
    }

    /**
     * A loop that gives every record to a handler, and tells a committer how far it came.
     *
     * @param consumer of this broker; belongs to the loop from now on, and is closed with it
     * @param handler called for one record after the other
     * @param committer told after each poll's records
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return not running yet, owned by the caller
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such dead-letter topic
     */
    <K, V> RecordLoop loop(
            Consumer<K, V> consumer, RecordHandler<K, V> handler, Committer committer, LoopSettings settings);

    /**
     * The records of a consumer as a Reactive Stream.
     *
     * @param consumer of this broker; belongs to the publisher from now on, and is closed with it
     * @param <K> what keys are
     * @param <V> what values are
     * @return for one subscriber; owned by the caller
     */
    <K, V> RecordPublisher<K, V> publisher(Consumer<K, V> consumer);

    /**
     * Does a piece of the broker's work on this thread, if the broker was opened with
     * {@link io.tidemill.spi.Threads#manual}; with threads of its own it needs no help, and nothing happens. Calls that
     * wait do this by themselves.
     *
     * @return how much was done; 0 when there was nothing to do
     */
    int doWork();

    /**
     * Writes what was accepted, answers every send that is still open, ends the broker's threads, and lets go of the
     * storage. What cannot be written within {@link BrokerSettings#closeTimeout} fails. Idempotent.
     *
     * @throws IllegalStateException when called by a callback on one of the broker's own threads, which would wait for
     *     itself
     */
    @Override
    void close();
}
