package io.tidemill.benchmarks;

import io.tidemill.Producer;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.agrona.CloseHelper;

/** Tidemill's, on disk; as a main class it is {@link ClusterAgainstKafka}'s. */
final class TidemillCluster implements MeasuredCluster, AutoCloseable {
    private final ThreeBrokers brokers;
    private final Producer<byte[], byte[]> producer;

    TidemillCluster(Path directory, int partitions, UnaryOperator<Transport> wire) {
        brokers = new ThreeBrokers(id -> ChronicleLog.at(directory.resolve("broker-" + id)), wire);
        producer = brokers.createTopic(partitions).producer();
    }

    /** Takes a directory and a number of partitions. */
    public static void main(String[] args) throws IOException {
        ClusterMeasurement.obey(
                new TidemillCluster(Path.of(args[0]), Integer.parseInt(args[1]), UnaryOperator.identity()));
    }

    @Override
    public void send(byte[] value) {
        producer.send(null, value);
    }

    @Override
    public void flush() {
        producer.flush();
        if (producer.failed() > 0) {
            throw new IllegalStateException("records failed: failed=" + producer.failed());
        }
    }

    @Override
    public void sendAndWait(byte[] value) {
        producer.send(null, value).join();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(producer, brokers);
    }
}
