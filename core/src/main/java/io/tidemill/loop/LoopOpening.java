package io.tidemill.loop;

import io.tidemill.Committer;
import io.tidemill.Consumer;
import io.tidemill.LoopSettings;
import io.tidemill.PoisonPolicy;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.RecordPublisher;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Puts loops and publishers together, with what they need of their broker. Any thread may call. */
public final class LoopOpening {
    private final CallerWait callerWait;
    private final AgentHost host;
    /** Finds the topics that dead letters go to. */
    private final Function<String, Topic<byte[], byte[]>> targets;
    /** Finds the partitions that records came from. */
    private final Function<TopicPartition, RawConsumer> sources;
    /** Of the loops and publishers that nobody ended yet. */
    private final Set<StopSign> signs = ConcurrentHashMap.newKeySet();

    public LoopOpening(
            CallerWait callerWait,
            AgentHost host,
            Function<String, Topic<byte[], byte[]>> targets,
            Function<TopicPartition, RawConsumer> sources) {
        this.callerWait = callerWait;
        this.host = host;
        this.targets = targets;
        this.sources = sources;
    }

    /** A loop that does not run yet. */
    public <K, V> RecordLoop open(
            Consumer<K, V> consumer, RecordHandler<K, V> handler, Committer committer, LoopSettings settings) {
        PoisonRecords poison = poisonRecords(settings.poison());
        StopSign stop = new StopSign(callerWait, signs);
        RecordAttempts<K, V> attempts = new RecordAttempts<>(handler, settings, poison, stop);
        return new HandlerLoop<>(
                new EndablePoll<>(consumer, stop), attempts, poison, new Progress(committer), stop, host);
    }

    /** A publisher without a subscriber. */
    public <K, V> RecordPublisher<K, V> publisher(Consumer<K, V> consumer) {
        StopSign stop = new StopSign(callerWait, signs);
        return new PollingPublisher<>(new EndablePoll<>(consumer, stop), stop, host);
    }

    /** Wakes those that wait for something else than records: they find the broker closed. */
    public void onBrokerClosed() {
        signs.forEach(StopSign::signal);
    }

    private PoisonRecords poisonRecords(PoisonPolicy policy) {
        if (policy instanceof PoisonPolicy.DeadLetter deadLetter) {
            return new DeadLetters(targets.apply(deadLetter.topic()), sources);
        }
        return policy instanceof PoisonPolicy.Skip ? new SkippedRecords() : PoisonRecords.STOP;
    }
}
