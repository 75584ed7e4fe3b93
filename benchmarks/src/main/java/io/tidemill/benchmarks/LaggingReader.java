package io.tidemill.benchmarks;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.raw.RawProducer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * What a reader that is ten million records behind, and catches up as fast as it can, does to those who are not: a producer
 * with a fixed rate, and a reader at the end. Windows of time take turns: nobody besides; a thread that copies memory, and
 * knows nothing of the broker; the reader that is behind. On two cores a third thread that is always busy is felt by whoever
 * wakes up; what the copying one does is the machine's part of it.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar io.tidemill.benchmarks.LaggingReader</pre>
 */
public final class LaggingReader {
    private enum Neighbour {
        NOBODY,
        COPIES_MEMORY,
        CATCHES_UP
    }

    private static final int BEHIND = 10_000_000;
    private static final int RATE_PER_SECOND = 10_000;
    private static final long INTERVAL_NS = 1_000_000_000L / RATE_PER_SECOND;
    private static final int WINDOW_RECORDS = 2 * RATE_PER_SECOND;
    private static final int WARMUP_ROUNDS = 3;
    private static final int ROUNDS = 25;
    private static final int RUN_BYTES = 4096;
    /** As much as fits into no cache. */
    private static final int COPIED_BYTES = 64 * 1024 * 1024;

    private static final int BATCH_BYTES = 64 * 1024;
    private static final double RATIO_MAX = 1.1;

    private final OnePartition partition;
    private final Histogram sendNs = new Histogram(3);
    private final Histogram arrivalNs = new Histogram(3);
    private final Map<Neighbour, double[]> sendP99 = new EnumMap<>(Neighbour.class);
    private final Map<Neighbour, double[]> arrivalP99 = new EnumMap<>(Neighbour.class);
    private volatile Neighbour neighbour = Neighbour.NOBODY;
    private volatile boolean isOver;
    private long caughtUp;

    private LaggingReader(OnePartition partition) {
        this.partition = partition;
    }

    /**
     * See above. Ends with 1 when the 99th percentile of either is more than it may be.
     *
     * @param args none
     */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        try (OnePartition partition = OnePartition.open("chronicle")) {
            LaggingReader benchmark = new LaggingReader(partition);
            benchmark.run();
            if (!benchmark.print()) {
                System.exit(1);
            }
        }
    }

    private void run() throws InterruptedException, ExecutionException {
        try (RawProducer producer = partition.rawProducer();
                RawConsumer atTheEnd = partition.rawConsumer();
                RawConsumer behind = partition.rawConsumer()) {
            OnePartition.sendInRuns(producer, 0, BEHIND, RUN_BYTES);
            atTheEnd.seek(BEHIND);
            SecondThread busy = SecondThread.run(() -> keepBusy(behind));
            for (int round = -WARMUP_ROUNDS; round < ROUNDS; round++) {
                for (Neighbour next : Neighbour.values()) {
                    neighbour = next;
                    window(producer, atTheEnd);
                    int to = Math.max(round, 0);
                    sendP99.computeIfAbsent(next, key -> new double[ROUNDS])[to] = p99(sendNs);
                    arrivalP99.computeIfAbsent(next, key -> new double[ROUNDS])[to] = p99(arrivalNs);
                }
            }
            isOver = true;
            busy.join();
        }
    }

    private static double p99(Histogram ns) {
        return ns.getValueAtPercentile(99) / 1e3;
    }

    private void window(RawProducer producer, RawConsumer consumer) throws InterruptedException, ExecutionException {
        sendNs.reset();
        arrivalNs.reset();
        SecondThread receiving = SecondThread.run(() -> receive(consumer));
        send(producer);
        receiving.join();
    }

    private void send(RawProducer producer) {
        long startNs = System.nanoTime() + INTERVAL_NS;
        for (long i = 0; i < WINDOW_RECORDS; i++) {
            long dueNs = startNs + i * INTERVAL_NS;
            for (long nowNs = System.nanoTime(); nowNs - dueNs < 0; nowNs = System.nanoTime()) {
                LockSupport.parkNanos(dueNs - nowNs);
            }
            while (producer.claim(RawProducer.NULL_LENGTH, Payload.LENGTH) != RawProducer.OK) {
                Thread.onSpinWait();
            }
            Payload.encode(producer.buffer(), producer.valueIndex(), dueNs);
            producer.commit();
            sendNs.recordValue(System.nanoTime() - dueNs);
        }
    }

    private void receive(RawConsumer consumer) {
        RecordHandler handler = record ->
                arrivalNs.recordValue(System.nanoTime() - record.buffer().getLong(record.valueIndex(), LITTLE_ENDIAN));
        OnePartition.receive(consumer, handler, WINDOW_RECORDS);
    }

    private void keepBusy(RawConsumer consumer) {
        Sum sum = new Sum();
        byte[] memory = new byte[COPIED_BYTES];
        byte[] batch = new byte[BATCH_BYTES];
        int position = 0;
        while (!isOver) {
            switch (neighbour) {
                case NOBODY -> LockSupport.parkNanos(1_000_000);
                case COPIES_MEMORY -> {
                    System.arraycopy(memory, position, batch, 0, BATCH_BYTES);
                    position = (position + BATCH_BYTES) % COPIED_BYTES;
                }
                case CATCHES_UP -> catchUp(consumer, sum);
            }
        }
    }

    /** From the start again when it was there, so that it is never at the end. */
    private void catchUp(RawConsumer consumer, Sum sum) {
        if (consumer.position() < BEHIND) {
            caughtUp += consumer.poll(sum, 1_000);
        } else {
            consumer.seek(0);
        }
    }

    private boolean print() {
        System.out.printf(Locale.ROOT, "read by who is behind: %,d records%n", caughtUp);
        return print("a record is handed over", sendP99) & print("a record arrives", arrivalP99);
    }

    private static boolean print(String what, Map<Neighbour, double[]> p99) {
        double alone = median(p99, Neighbour.NOBODY);
        double besideCopying = median(p99, Neighbour.COPIES_MEMORY);
        double besideReader = median(p99, Neighbour.CATCHES_UP);
        boolean isReached = besideReader <= RATIO_MAX * alone;
        System.out.printf(
                Locale.ROOT,
                "%s %s: p99 %.0f us alone, %.0f beside a thread that copies memory, %.0f beside a reader that catches up;"
                        + " %.2f times and %.2f times as much, must be at most %.2f%n",
                isReached ? "reached " : "MISSED  ",
                what,
                alone,
                besideCopying,
                besideReader,
                besideReader / alone,
                besideReader / besideCopying,
                RATIO_MAX);
        return isReached;
    }

    private static double median(Map<Neighbour, double[]> values, Neighbour key) {
        return AppendInTurn.quantile(Objects.requireNonNull(values.get(key)), 0.5);
    }
}
