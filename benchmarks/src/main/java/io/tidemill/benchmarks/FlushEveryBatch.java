package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.RecordMetadata;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.FlushSettings;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Records that survive a crash of the machine before they are acknowledged; each producer waits for its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class FlushEveryBatch {
    private ScratchDirectory directory;
    private Broker broker;
    private Topic<byte[], byte[]> topic;

    /** A log that holds nothing yet. */
    @Setup(Level.Trial)
    public void open() {
        directory = new ScratchDirectory();
        broker = Broker.open(ChronicleLog.at(directory.path()));
        topic = broker.topic(
                "records",
                Serdes.bytes(),
                Serdes.bytes(),
                TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
    }

    /** Pays for every flush alone. */
    @Benchmark
    @Threads(1)
    public RecordMetadata oneProducer() {
        return send();
    }

    /** Share what flushes there are. */
    @Benchmark
    @Threads(16)
    public RecordMetadata sixteenProducers() {
        return send();
    }

    private RecordMetadata send() {
        return topic.send(null, new byte[Payload.LENGTH]).join();
    }

    /** Removes the log. */
    @TearDown(Level.Trial)
    public void close() {
        CloseHelper.closeAll(broker, directory);
    }
}
