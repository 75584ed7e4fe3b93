package io.tidemill.benchmarks;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.log.ChronicleLog;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.raw.RawProducer;
import java.time.Duration;
import java.util.List;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** A broker as {@link Broker#open(io.tidemill.spi.Storage)} gives it, with a topic of one partition. */
final class OnePartition implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final @Nullable ScratchDirectory directory;
    private final Broker broker;
    private final Topic<byte[], byte[]> topic;

    private OnePartition(@Nullable ScratchDirectory directory, Broker broker) {
        this.directory = directory;
        this.broker = broker;
        this.topic = broker.topic("records", Serdes.bytes(), Serdes.bytes(), TopicSettings.partitions(1));
    }

    /** Empty, in "memory", or on "chronicle" in a directory that is removed with it. */
    static OnePartition open(String storage) {
        return switch (storage) {
            case "memory" -> new OnePartition(null, Broker.inMemory());
            case "chronicle" -> {
                ScratchDirectory directory = new ScratchDirectory();
                yield new OnePartition(directory, Broker.open(ChronicleLog.at(directory.path())));
            }
            default -> throw new IllegalArgumentException("storage must be memory or chronicle: storage=" + storage);
        };
    }

    Topic<byte[], byte[]> topic() {
        return topic;
    }

    RawProducer rawProducer() {
        return topic.rawProducer(0);
    }

    RawConsumer rawConsumer() {
        return topic.rawConsumer(0);
    }

    /** Sends records with the numbers from the first on, and returns when the last of them can be read. */
    static long send(RawProducer producer, long firstNumber, int count) {
        long ticket = -1;
        for (int i = 0; i < count; i++) {
            while (!claimed(producer.claim(RawProducer.NULL_LENGTH, Payload.LENGTH))) {
                Thread.yield();
            }
            Payload.encode(producer.buffer(), producer.valueIndex(), firstNumber + i);
            ticket = producer.commit();
        }
        return await(producer, ticket);
    }

    /** The same, handed over in runs of so many bytes. */
    static long sendInRuns(RawProducer producer, long firstNumber, int count, int runBytes) {
        int runRecords = runBytes / OneLog.RECORD_LENGTH;
        long ticket = -1;
        for (int sent = 0; sent < count; sent += runRecords) {
            ticket = putRun(producer, firstNumber + sent, Math.min(runRecords, count - sent), runBytes);
        }
        return await(producer, ticket);
    }

    /** Hands over so many records in one run, and does not wait. */
    static long putRun(RawProducer producer, long firstNumber, int count, int runBytes) {
        while (!claimed(producer.claimRun(runBytes))) {
            Thread.yield();
        }
        for (int i = 0; i < count; i++) {
            if (!claimed(producer.claim(RawProducer.NULL_LENGTH, Payload.LENGTH))) {
                throw new IllegalStateException("the run is full: count=" + count + ", runBytes=" + runBytes);
            }
            Payload.encode(producer.buffer(), producer.valueIndex(), firstNumber + i);
            producer.commit();
        }
        return producer.commitRun();
    }

    private static boolean claimed(int code) {
        if (code == RawProducer.CLOSED) {
            throw new IllegalStateException("claim refused: code=" + code);
        }
        return code == RawProducer.OK;
    }

    static long await(RawProducer producer, long ticket) {
        if (!producer.await(ticket, TIMEOUT) || producer.failed() != 0) {
            throw new IllegalStateException("not all was written: ticket=" + ticket + ", answered="
                    + producer.answered() + ", failed=" + producer.failed());
        }
        return ticket;
    }

    /** Reads that many records, waiting for those that are not there yet. */
    static void receive(RawConsumer consumer, RecordHandler handler, int count) {
        int remaining = count;
        while (remaining > 0) {
            int polled = consumer.poll(handler, remaining);
            remaining -= polled;
            if (polled == 0 && !consumer.await(TIMEOUT)) {
                throw new IllegalStateException("records are missing: remaining=" + remaining);
            }
        }
    }

    /** Fails the benchmark unless the log holds exactly so many records, and the last of them is the last one sent. */
    void checkEnd(long recordsSent) {
        try (RawConsumer consumer = rawConsumer()) {
            long endOffset = consumer.endOffset();
            if (endOffset != recordsSent) {
                throw new IllegalStateException(
                        "wrong number of records: endOffset=" + endOffset + ", sent=" + recordsSent);
            }
            Sum last = new Sum();
            consumer.seek(recordsSent - 1);
            receive(consumer, last, 1);
            last.check(recordsSent - 1, 1);
        }
    }

    @Override
    public void close() {
        List<AutoCloseable> parts = directory == null ? List.of(broker) : List.of(broker, directory);
        CloseHelper.closeAll(parts);
        // What this log has left in the heap is not for the next iteration to clean up.
        System.gc();
    }
}
