package io.tidemill.loop;

import io.tidemill.Committer;
import io.tidemill.Consumer;
import io.tidemill.LoopSettings;
import io.tidemill.PoisonPolicy;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import java.util.function.Function;

/**
 * Puts loops together, with what they need of their broker.
 *
 * @param callerWait how they wait
 * @param host makes their threads
 * @param targets finds the topics that dead letters go to
 * @param sources finds the partitions that records came from
 */
public record LoopOpening(
        CallerWait callerWait,
        AgentHost host,
        Function<String, Topic<byte[], byte[]>> targets,
        Function<TopicPartition, RawConsumer> sources) {

    /** A loop that does not run yet. */
    public <K, V> RecordLoop open(
            Consumer<K, V> consumer, RecordHandler<K, V> handler, Committer committer, LoopSettings settings) {
        PoisonRecords poison = poisonRecords(settings.poison());
        StopSign stop = new StopSign(callerWait);
        RecordAttempts<K, V> attempts = new RecordAttempts<>(handler, settings, poison, stop);
        return new HandlerLoop<>(consumer, attempts, poison, new Progress(committer), stop, host);
    }

    private PoisonRecords poisonRecords(PoisonPolicy policy) {
        if (policy instanceof PoisonPolicy.DeadLetter deadLetter) {
            return new DeadLetters(targets.apply(deadLetter.topic()), sources);
        }
        return policy instanceof PoisonPolicy.Skip ? new SkippedRecords() : PoisonRecords.STOP;
    }
}
