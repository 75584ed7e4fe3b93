package io.tidemill.replication.link;

import java.util.concurrent.TimeUnit;

/**
 * How brokers talk to each other.
 *
 * @param controlWindowBytes how much of the control channel may be under way to one peer; a power of two
 * @param dataWindowBytes how much of the data channel may be under way to one peer; a power of two
 * @param safeFrameBytes how long frames are that every way takes; longer ones are tried out first
 * @param keepAliveNs a peer that was sent nothing for so long is told that this broker lives
 * @param peerTimeoutNs a session ends when nothing was heard of the peer for so long
 */
public record LinkSettings(
        int controlWindowBytes, int dataWindowBytes, int safeFrameBytes, long keepAliveNs, long peerTimeoutNs) {
    /** So that a stream holds some frames, whatever their length. */
    private static final int WINDOW_BYTES_MIN = 16 * 1024;

    /** Rings have twice a window, and their indexes are ints. */
    private static final int WINDOW_BYTES_MAX = 1 << 29;

    /** Of fewer, losing one or two would look like silence. */
    private static final int KEEP_ALIVES_MIN = 3;

    private static final int SAFE_FRAME_BYTES_MIN = 256;

    public LinkSettings {
        checkWindow("controlWindowBytes", controlWindowBytes);
        checkWindow("dataWindowBytes", dataWindowBytes);
        if (safeFrameBytes < SAFE_FRAME_BYTES_MIN || safeFrameBytes > WINDOW_BYTES_MIN / 4) {
            throw new IllegalArgumentException("safeFrameBytes must be from " + SAFE_FRAME_BYTES_MIN + " to "
                    + WINDOW_BYTES_MIN / 4 + ": safeFrameBytes=" + safeFrameBytes);
        }
        if (keepAliveNs <= 0 || peerTimeoutNs / KEEP_ALIVES_MIN < keepAliveNs) {
            throw new IllegalArgumentException("keepAliveNs must be positive and at most a third of peerTimeoutNs:"
                    + " keepAliveNs=" + keepAliveNs + ", peerTimeoutNs=" + peerTimeoutNs);
        }
    }

    /** 1 MiB and 4 MiB, frames of 1408 bytes, a sign of life each 250 ms, and a time-out of 3 s. */
    public static LinkSettings defaults() {
        return new LinkSettings(
                1 << 20, 4 << 20, 1408, TimeUnit.MILLISECONDS.toNanos(250), TimeUnit.SECONDS.toNanos(3));
    }

    /** The same with other times. */
    public LinkSettings withTimes(long keepAlive, long peerTimeout) {
        return new LinkSettings(controlWindowBytes, dataWindowBytes, safeFrameBytes, keepAlive, peerTimeout);
    }

    /** The same with other windows. */
    public LinkSettings withWindows(int controlBytes, int dataBytes) {
        return new LinkSettings(controlBytes, dataBytes, safeFrameBytes, keepAliveNs, peerTimeoutNs);
    }

    int windowBytes(int channel) {
        return channel == Links.CONTROL ? controlWindowBytes : dataWindowBytes;
    }

    /** The longest message of a channel. */
    public int messageBytesMax(int channel) {
        return windowBytes(channel) - SendStream.LENGTH_BYTES;
    }

    static boolean isWindow(int bytes) {
        return bytes >= WINDOW_BYTES_MIN && bytes <= WINDOW_BYTES_MAX && Integer.bitCount(bytes) == 1;
    }

    private static void checkWindow(String name, int bytes) {
        if (!isWindow(bytes)) {
            throw new IllegalArgumentException(name + " must be a power of two from " + WINDOW_BYTES_MIN + " to "
                    + WINDOW_BYTES_MAX + ": " + name + "=" + bytes);
        }
    }
}
