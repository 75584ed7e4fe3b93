package io.tidemill.replication.secret;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Protects the frames of one session, both ways. Owned by the thread that has the session. */
public interface SessionSeal {
    /** By how much a frame grows at its end. */
    int trailerBytes();

    /**
     * Numbers a frame and protects it, where it is.
     *
     * @param frame begins with it, has room for the trailer, and is over an array
     * @param length without the trailer
     * @return its length with the trailer
     */
    int seal(UnsafeBuffer frame, int length);

    /**
     * Checks a frame, and makes it readable.
     *
     * @return the frame without its trailer, from index 0 to its capacity, valid until the next call; null if it is not genuine
     */
    @Nullable
    DirectBuffer open(DirectBuffer buffer, int index, int length);
}
