package io.tidemill.spi;

import org.agrona.DirectBuffer;

/**
 * Carries frames between brokers, and promises next to nothing: a frame may be lost, doubled, delayed or overtaken.
 * What arrives is whole and as it was sent. One thread uses a transport at a time.
 */
public interface Transport extends AutoCloseable {
    /** Takes a frame that arrived. */
    @FunctionalInterface
    interface FrameHandler {
        /**
         * @param fromBrokerId who sent it
         * @param buffer holds the frame; valid during this call only
         * @param index where the frame starts
         * @param length of the frame
         */
        void onFrame(int fromBrokerId, DirectBuffer buffer, int index, int length);
    }

    /**
     * The broker at this end.
     *
     * @return its id
     */
    int brokerId();

    /**
     * The longest frame that can be sent.
     *
     * @return bytes
     */
    int frameBytesMax();

    /**
     * Sends a frame, without waiting.
     *
     * @param toBrokerId whom to
     * @param buffer holds the frame; copied before this returns
     * @param index where the frame starts
     * @param length of the frame, from 1 to {@link #frameBytesMax}
     * @return false when it was certainly not sent (no room, or nobody of that id); true says nothing about arrival
     */
    boolean send(int toBrokerId, DirectBuffer buffer, int index, int length);

    /**
     * Hands over frames that arrived, without waiting.
     *
     * @param handler takes each
     * @param framesMax at most so many
     * @return how many
     */
    int poll(FrameHandler handler, int framesMax);

    @Override
    void close();
}
