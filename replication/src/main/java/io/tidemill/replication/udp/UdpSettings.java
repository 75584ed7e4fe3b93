package io.tidemill.replication.udp;

/**
 * How a {@link UdpTransport} uses its socket.
 *
 * @param frameBytesMax the longest frame that is sent or received; less where the socket's buffers or the way to a peer are small
 * @param socketBufferBytes what the system is asked for, each way; it may give less
 */
public record UdpSettings(int frameBytesMax, int socketBufferBytes) {
    /** Fits into every packet of an Ethernet, also inside of a tunnel. */
    public static final int SAFE_FRAME_BYTES = 1408;

    /** What UDP over IPv4 carries at most is 65,507. */
    private static final int LIMIT_FRAME_BYTES = 64_000;

    /** Validates. */
    public UdpSettings {
        if (frameBytesMax < SAFE_FRAME_BYTES || frameBytesMax > LIMIT_FRAME_BYTES) {
            throw new IllegalArgumentException("frameBytesMax must be from " + SAFE_FRAME_BYTES + " to "
                    + LIMIT_FRAME_BYTES + ": frameBytesMax=" + frameBytesMax);
        }
        if (socketBufferBytes < frameBytesMax) {
            throw new IllegalArgumentException("socketBufferBytes must be at least frameBytesMax: socketBufferBytes="
                    + socketBufferBytes + ", frameBytesMax=" + frameBytesMax);
        }
    }

    /** Frames as long as the way to each peer takes them, up to 60 KiB; 4 MiB for each buffer. */
    public static UdpSettings defaults() {
        return new UdpSettings(60 * 1024, 4 << 20);
    }

    /** The same with another limit. */
    public UdpSettings withFrameBytesMax(int bytes) {
        return new UdpSettings(bytes, socketBufferBytes);
    }
}
