package io.tidemill.replication.node;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What brokers say to each other about the cluster: 24 bytes, little-endian, and behind them what the kind says.
 *
 * <pre>
 *   0               8              16              24
 *   +---+-----------+---------------+---------------+-------------
 *   |knd|   zero    |      id       |     epoch     |  content ...
 *   +---+-----------+---------------+---------------+-------------
 * </pre>
 *
 * <ul>
 *   <li>{@link #RAFT}: a message as {@code RaftMessageLayout} has it.
 *   <li>{@link #REQUEST}, to the controller: a request as {@code ControllerMessageLayout} has it, with a number that is the
 *       asker's.
 *   <li>{@link #ANSWER}, from the controller: an answer to the request of that number, true of metadata from <i>epoch</i> on.
 * </ul>
 */
final class ControlMessageLayout {
    static final byte RAFT = 1;
    static final byte REQUEST = 2;
    static final byte ANSWER = 3;

    private static final int KIND = 0;
    private static final int ID = 8;
    private static final int EPOCH = 16;
    static final int HEADER_LENGTH = 24;

    private ControlMessageLayout() {}

    static UnsafeBuffer message(byte kind, long id, long epoch, byte[] content) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[HEADER_LENGTH + content.length]);
        buffer.putByte(KIND, kind);
        buffer.putLong(ID, id, LITTLE_ENDIAN);
        buffer.putLong(EPOCH, epoch, LITTLE_ENDIAN);
        buffer.putBytes(HEADER_LENGTH, content);
        return buffer;
    }

    static byte kind(DirectBuffer buffer, int message) {
        return buffer.getByte(message + KIND);
    }

    static long id(DirectBuffer buffer, int message) {
        return buffer.getLong(message + ID, LITTLE_ENDIAN);
    }

    static long epoch(DirectBuffer buffer, int message) {
        return buffer.getLong(message + EPOCH, LITTLE_ENDIAN);
    }

    static byte[] content(DirectBuffer buffer, int message, int length) {
        byte[] content = new byte[length - HEADER_LENGTH];
        buffer.getBytes(message + HEADER_LENGTH, content);
        return content;
    }
}
