package io.tidemill.benchmarks;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.raw.RawProducer;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.HdrHistogram.Histogram;

/**
 * How long a record is on its way from the moment when it ought to be sent to the consumer's callback, at a fixed rate. Sending
 * goes on by the clock whatever becomes of the record before, and what is late counts from when it was due: an answer that
 * keeps others waiting is not left out. The sender spins until it is time; both sides use the raw tier.
 *
 * <ul>
 *   <li><i>parking</i>: a broker with its defaults. Lane and consumer sleep until they are signalled.
 *   <li><i>spinning</i>: the sender's thread runs the lane, and the consumer looks all the time; a thread for each of two cores.
 * </ul>
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.EndToEndLatency</pre>
 */
public final class EndToEndLatency {
    private static final int[] RATES_PER_SECOND = {10_000, 100_000};
    private static final long WARMUP_NS = 3_000_000_000L;
    private static final long MEASURED_NS = 10_000_000_000L;

    /** Of the median, in microseconds. */
    private static final double SPINNING_MAX = 5;

    private static final double PARKING_MAX = 60;

    private final boolean isSpinning;
    private final int ratePerSecond;
    private final Histogram latencyNs = new Histogram(3);
    private volatile boolean isRecording;

    private EndToEndLatency(boolean isSpinning, int ratePerSecond) {
        this.isSpinning = isSpinning;
        this.ratePerSecond = ratePerSecond;
    }

    /**
     * See above. Ends with 1 when a median is more than it may be.
     *
     * @param args none
     */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        boolean missed = false;
        System.out.printf(
                "%-10s %-10s %9s %9s %9s %9s %9s %9s%n", "us", "", "rate/s", "p50", "p99", "p99.9", "p99.99", "max");
        for (boolean isSpinning : new boolean[] {true, false}) {
            for (String storage : new String[] {"memory", "chronicle"}) {
                for (int rate : RATES_PER_SECOND) {
                    EndToEndLatency latency = new EndToEndLatency(isSpinning, rate);
                    latency.run(storage);
                    missed |= latency.print(storage);
                }
            }
        }
        if (missed) {
            System.exit(1);
        }
    }

    private void run(String storage) throws InterruptedException, ExecutionException {
        try (ScratchDirectory directory = new ScratchDirectory();
                Broker broker = Broker.open(
                        storage.equals("memory") ? Storage.inMemory() : ChronicleLog.at(directory.path()),
                        BrokerSettings.defaults(),
                        isSpinning ? Seams.system().withThreads(Threads.manual()) : Seams.system())) {
            Topic<byte[], byte[]> topic =
                    broker.topic("records", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
            long intervalNs = 1_000_000_000L / ratePerSecond;
            long count = (WARMUP_NS + MEASURED_NS) / intervalNs;
            try (RawProducer producer = topic.rawProducer(0);
                    RawConsumer consumer = topic.rawConsumer(0)) {
                SecondThread receiving = SecondThread.run(() -> receive(consumer, count));
                send(broker, producer, count, intervalNs);
                receiving.join();
            }
        }
    }

    private void send(Broker broker, RawProducer producer, long count, long intervalNs) {
        long startNs = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long dueNs = startNs + i * intervalNs;
            isRecording = dueNs - startNs >= WARMUP_NS;
            while (System.nanoTime() - dueNs < 0) {
                Thread.onSpinWait();
            }
            while (producer.claim(RawProducer.NULL_LENGTH, Payload.LENGTH) != RawProducer.OK) {
                Thread.onSpinWait();
            }
            Payload.encode(producer.buffer(), producer.valueIndex(), dueNs);
            producer.commit();
            if (isSpinning) {
                broker.doWork();
            }
        }
    }

    private void receive(RawConsumer consumer, long count) {
        RecordHandler handler = record -> {
            long dueNs = record.buffer().getLong(record.valueIndex(), LITTLE_ENDIAN);
            if (isRecording) {
                latencyNs.recordValue(System.nanoTime() - dueNs);
            }
        };
        long remaining = count;
        while (remaining > 0) {
            int polled = consumer.poll(handler, Integer.MAX_VALUE);
            remaining -= polled;
            if (polled == 0) {
                idle(consumer);
            }
        }
    }

    private void idle(RawConsumer consumer) {
        if (isSpinning) {
            Thread.onSpinWait();
        } else if (!consumer.await(OnePartition.TIMEOUT)) {
            throw new IllegalStateException("records are missing: position=" + consumer.position());
        }
    }

    private boolean print(String storage) {
        double max = isSpinning ? SPINNING_MAX : PARKING_MAX;
        boolean missed = micros(50) > max;
        System.out.printf(
                Locale.ROOT,
                "%-10s %-10s %,9d %9.1f %9.1f %9.1f %9.1f %9.1f   %s%n",
                isSpinning ? "spinning" : "parking",
                storage,
                ratePerSecond,
                micros(50),
                micros(99),
                micros(99.9),
                micros(99.99),
                micros(100),
                (missed ? "MISSED" : "reached") + ", p50 must be at most " + max);
        return missed;
    }

    private double micros(double percentile) {
        return latencyNs.getValueAtPercentile(percentile) / 1e3;
    }
}
