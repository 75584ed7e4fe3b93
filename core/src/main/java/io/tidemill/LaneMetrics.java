package io.tidemill;

/** How a lane does. Goes on telling as the lane goes on. Any thread, at any time, without waiting for anybody. */
public interface LaneMetrics {
    /**
     * The lane's name, which is that of its thread where it has one.
     *
     * @return the same for all brokers
     */
    String name();

    /**
     * How much its ring holds when it is full.
     *
     * @return bytes
     */
    long ringBytes();

    /**
     * What was accepted and is not yet taken out of the ring.
     *
     * @return bytes
     */
    long ringUsedBytes();
}
