package io.tidemill.testkit;

import io.tidemill.Acks;
import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.PartitionMetrics;
import io.tidemill.Producer;
import io.tidemill.ProducerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.NetworkException;
import io.tidemill.errors.TidemillException;
import io.tidemill.replication.Cluster;
import io.tidemill.replication.ClusterAdmin;
import io.tidemill.replication.ClusterDescription;
import io.tidemill.replication.ClusterSettings;
import io.tidemill.runtime.SystemRandom;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import io.tidemill.spi.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A broker of a {@link ClusterSimulation} on a machine of its own, and a client that lives in it. */
final class SimulatedBroker {
    private final ClusterSettings settings;
    private final BrokerSettings brokerSettings;
    private final ManualClock trueClock;
    private final Parker parker;
    private final SimNetwork network;
    private final TracedTransport.Trace trace;
    private final RandomGenerator random;
    private final LossyStorage storage = new LossyStorage();
    private final DriftingClock clock;
    private @Nullable Transport transport;
    private @Nullable Broker broker;
    private @Nullable Topic<String, String> topic;
    private @Nullable Consumer<String, String> consumer;
    private final Map<Acks, Producer<String, String>> producers = new EnumMap<>(Acks.class);
    private int lives;
    private long haltedUntilNs;

    SimulatedBroker(
            ClusterSettings settings,
            BrokerSettings brokerSettings,
            ManualClock trueClock,
            Parker parker,
            SimNetwork network,
            TracedTransport.Trace trace,
            RandomGenerator random) {
        this.settings = settings;
        this.brokerSettings = brokerSettings;
        this.trueClock = trueClock;
        this.parker = parker;
        this.network = network;
        this.trace = trace;
        this.random = random;
        this.clock = new DriftingClock(trueClock);
        this.haltedUntilNs = trueClock.nowNs();
    }

    int id() {
        return settings.brokerId();
    }

    boolean isAlive() {
        return broker != null;
    }

    void start() {
        lives++;
        transport = new TracedTransport(network.join(id()), trace);
        Seams seams = new Seams(clock, parker, SystemRandom.seeded(random.nextLong()), Threads.manual());
        broker = Cluster.join(storage, brokerSettings, settings, seams, transport, parker);
    }

    void createTopic(TopicSettings topicSettings) {
        alive().createTopic(ClusterSimulation.TOPIC, topicSettings);
    }

    private Broker alive() {
        if (broker == null) {
            throw new IllegalStateException("the broker is not alive: id=" + id());
        }
        return broker;
    }

    /** Its thread runs once. */
    void step() {
        if (broker != null && !isHalted()) {
            broker.doWork();
            if (topic == null && broker.metrics().partitions().size() == ClusterSimulation.PARTITIONS) {
                topic = broker.topic(ClusterSimulation.TOPIC, Serdes.string(), Serdes.string());
            }
        }
    }

    boolean isHalted() {
        return trueClock.nowNs() - haltedUntilNs < 0;
    }

    /** As if it had not got the processor for a while, or its disk had not answered. */
    void halt(Duration duration) {
        haltedUntilNs = trueClock.nowNs() + duration.toNanos();
    }

    /** Its clock goes faster or slower from now on. */
    void driftBy(double rate) {
        clock.driftBy(rate);
    }

    /** Its process ends, if there is one, and its machine may with it. */
    void crash(boolean losesTails) {
        abandon();
        if (losesTails) {
            storage.crash(random);
        } else {
            storage.endProcess();
        }
    }

    /** Nobody closes anything. */
    void abandon() {
        if (transport != null) {
            transport.close();
        }
        broker = null;
        transport = null;
        topic = null;
        consumer = null;
        producers.clear();
    }

    ClusterDescription describe() {
        return Cluster.describe(alive(), Duration.ZERO);
    }

    /** Has others keep a partition; answers false where that is refused, or not known. */
    boolean reassign(int partition, List<Integer> replicas) {
        try {
            ClusterAdmin.of(alive()).reassign(new TopicPartition(ClusterSimulation.TOPIC, partition), replicas);
            return true;
        } catch (TidemillException | IllegalArgumentException e) {
            return false;
        }
    }

    void send(ClusterHistory history, int partition, int count, Acks acks) {
        if (topic != null) {
            Producer<String, String> producer = producers.computeIfAbsent(acks, this::newProducer);
            for (int i = 0; i < count; i++) {
                // In order among those that wait for the same.
                String value = history.newValue(acks == Acks.ALL ? client() : client() + "/" + acks, partition);
                history.onSent(
                        id(),
                        value,
                        acks,
                        producer.send(ProducerRecord.of("key", value).toPartition(partition)));
            }
        }
    }

    private String client() {
        return id() + "/" + lives;
    }

    /** All of them at an offset, which is as far from what was read here as is said; answers them. */
    List<String> append(ClusterHistory history, int partition, int count, int ahead) {
        List<String> values = new ArrayList<>();
        if (topic != null && consumer != null) {
            List<ProducerRecord<String, String>> records = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String value = history.newValue(client(), partition);
                values.add(value);
                records.add(ProducerRecord.of("key", value));
            }
            long readEnd = position(consumer, partition);
            long expected = Math.max(0, readEnd + ahead);
            history.onConditionallySent(id(), values, expected, readEnd, topic.append(partition, expected, records));
        }
        return values;
    }

    Producer<String, String> newProducer(Acks acks) {
        return Objects.requireNonNull(topic)
                .producer(ProducerSettings.<String, String>defaults().withAcks(acks));
    }

    boolean hasTopic() {
        return topic != null;
    }

    /** How many records its own log of the partition has got, if it never lost one. */
    long appendedRecords(int partition) {
        return alive().metrics().partitions().stream()
                .filter(metrics -> metrics.partition() == partition)
                .mapToLong(PartitionMetrics::appendedRecords)
                .sum();
    }

    boolean wantsConsumer() {
        return topic != null && consumer == null && !isHalted();
    }

    /** Waits for the leaders of what is not kept here, while the others go on; if one is not there, it can be tried again. */
    void openConsumer() {
        if (topic != null) {
            try {
                consumer = topic.consumer();
            } catch (NetworkException e) {
                // It is looked again whether they are there.
            }
        }
    }

    void read(ClusterHistory history) {
        if (consumer != null && !isHalted()) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ZERO)) {
                history.onRead(id(), record.partition(), record.offset(), record.value());
            }
        }
    }

    void readInto(int partition, List<String> values) {
        if (consumer != null) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ZERO)) {
                if (record.partition() == partition) {
                    values.add(record.value());
                }
            }
        }
    }

    /** How far it has read. */
    Map<Integer, Long> positions() {
        Map<Integer, Long> positions = new HashMap<>();
        if (consumer != null) {
            for (int i = 0; i < ClusterSimulation.PARTITIONS; i++) {
                positions.put(i, position(consumer, i));
            }
        }
        return positions;
    }

    private static long position(Consumer<String, String> consumer, int partition) {
        return consumer.position(new TopicPartition(ClusterSimulation.TOPIC, partition));
    }

    /** Goes with another one, but at a rate of its own. */
    private static final class DriftingClock implements Clock {
        private final Clock trueClock;
        private double rate = 1;
        private long sinceTrueNs;
        private long sinceNs;
        private long epochAheadMs;

        DriftingClock(Clock trueClock) {
            this.trueClock = trueClock;
            this.sinceTrueNs = trueClock.nowNs();
            this.sinceNs = trueClock.nowNs();
        }

        void driftBy(double by) {
            sinceNs = nowNs();
            sinceTrueNs = trueClock.nowNs();
            rate = 1 + by;
            epochAheadMs = (long) (by * 100_000);
        }

        @Override
        public long nowNs() {
            return sinceNs + (long) ((trueClock.nowNs() - sinceTrueNs) * rate);
        }

        @Override
        public long epochMs() {
            return trueClock.epochMs() + epochAheadMs;
        }
    }
}
