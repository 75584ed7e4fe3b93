package io.tidemill.consumer;

import io.tidemill.ConsumerSettings;
import io.tidemill.Serde;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.runtime.CallerWait;
import io.tidemill.spi.Clock;
import java.util.function.Function;

/** Makes a broker's consumers, which all find topics in it, tell the time by its clock and wait as it does. */
public final class Consumers {
    private final Function<String, OpenTopic> topics;
    private final Clock clock;
    private final CallerWait callerWait;

    /**
     * @param topics finds a topic by its name, or throws
     */
    public Consumers(Function<String, OpenTopic> topics, Clock clock, CallerWait callerWait) {
        this.topics = topics;
        this.clock = clock;
        this.callerWait = callerWait;
    }

    /** Of nothing yet. */
    public <K, V> TopicConsumer<K, V> consumer(Serde<K> keySerde, Serde<V> valueSerde, ConsumerSettings settings) {
        callerWait.requireOpen();
        OffsetReset reset = OffsetReset.of(settings.autoOffsetReset(), clock);
        return new TopicConsumer<>(new RecordDecoder<>(keySerde, valueSerde), settings, reset, topics, callerWait);
    }

    /** At the start of the partition. */
    public RawConsumer rawConsumer(Partition partition, RawConsumerSettings settings) {
        callerWait.requireOpen();
        return new PartitionConsumer(partition, settings, callerWait);
    }
}
