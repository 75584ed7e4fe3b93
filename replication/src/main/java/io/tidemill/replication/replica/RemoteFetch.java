package io.tidemill.replication.replica;

import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Batches that a reader asks of a partition's leader. The lane thread has it until it is done, and so it has the memory that the
 * answer goes to; a reader that does not want it any more leaves both behind.
 */
final class RemoteFetch {
    private final long offset;
    private final ExpandableArrayBuffer answer;
    private int length;
    private boolean hasFailed;
    private volatile boolean isDone;

    /** From the batch on that holds that offset; the answer goes there. */
    RemoteFetch(long offset, ExpandableArrayBuffer answer) {
        this.offset = offset;
        this.answer = answer;
    }

    long offset() {
        return offset;
    }

    /** Lane thread, once. */
    void onBatches(DirectBuffer buffer, int index, int bytes) {
        answer.putBytes(0, buffer, index, bytes);
        length = bytes;
        isDone = true;
    }

    /** The leader cannot read them. Lane thread, in place of the other. */
    void onFailed() {
        hasFailed = true;
        isDone = true;
    }

    /** Any thread. What follows is said once it is so. */
    boolean isDone() {
        return isDone;
    }

    boolean hasFailed() {
        return hasFailed;
    }

    /** Of the answer, in bytes. */
    int length() {
        return length;
    }
}
