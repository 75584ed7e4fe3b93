package io.tidemill.replication.link;

import io.tidemill.replication.secret.SessionSeal;
import io.tidemill.spi.Transport;
import org.agrona.concurrent.UnsafeBuffer;

/** Where frames are written before they leave: one at a time, for all peers. Owned by the thread that polls. */
final class FrameOutput {
    private final Transport transport;
    private final UnsafeBuffer frame;

    FrameOutput(Transport transport) {
        this.transport = transport;
        this.frame = new UnsafeBuffer(new byte[transport.frameBytesMax()]);
    }

    int frameBytesMax() {
        return transport.frameBytesMax();
    }

    /** Where the next frame is to be written, from index 0 on. */
    UnsafeBuffer frame() {
        return frame;
    }

    /** Sends a frame of a session, sealed; false if the transport did not take it. */
    boolean send(int peerId, SessionSeal seal, int length) {
        return transport.send(peerId, frame, 0, seal.seal(frame, length));
    }

    /** Sends a frame that is ready. */
    boolean send(int peerId, int length) {
        return transport.send(peerId, frame, 0, length);
    }
}
