package io.tidemill.benchmarks;

/** Three brokers in this JVM, and a producer that sends to a topic of theirs with {@code acks=all}. Used by one thread. */
public interface MeasuredCluster {
    /** Sends a record, and does not wait for it. */
    void send(byte[] value);

    /** Waits until everything that was sent is acknowledged. */
    void flush();

    /** Sends a record, and waits until it is acknowledged. */
    void sendAndWait(byte[] value);
}
