package io.tidemill.replication.replica;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.replication.controller.PartitionId;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What brokers say to each other about the records of one partition: 56 bytes, little-endian, every field on its natural
 * boundary, and behind them batches as they are in the log. Fields that a kind does not name are zero.
 *
 * <pre>
 *   0               4               8                              16
 *   +---+---+-------+---------------+-------------------------------+
 *   |knd|cod|pEpoch |  leaderEpoch  |        topic id, upper        |
 *   +---+---+-------+---------------+-------------------------------+
 *  16       topic id, lower         |   partition   |    number     |
 *   +-------------------------------+---------------+---------------+
 *  32            offset             |             detail            |
 *   +-------------------------------+-------------------------------+
 *  48  producerId, attempt or end   |  batches ...
 *   +-------------------------------+
 * </pre>
 *
 * <ul>
 *   <li>{@link #FOLLOW}, to the leader: a follower's log ends at <i>offset</i>, its last record is of leader epoch
 *       <i>number</i>, and the follower's broker epoch is <i>detail</i>. What answers it has the same <i>attempt</i>.
 *   <li>{@link #DIVERGED}, from the leader: no farther than that; epoch <i>number</i> ends at <i>offset</i>.
 *   <li>{@link #BEGIN}, from the leader: forget everything and begin at <i>offset</i>; what is in front of it the leader does not
 *       have, and none of the rest is the same.
 *   <li>{@link #BATCHES}, from the leader: these come next, if there are any; the high watermark is <i>offset</i>, and nothing
 *       at <i>detail</i> or behind it was committed before this leader was one, or told to be so by it.
 *   <li>{@link #ACK}, to the leader: a follower's log ends at <i>offset</i>, and that is as durable as the topic wants it.
 *   <li>{@link #APPEND}, to the leader: append this batch, at <i>offset</i> only if that is not negative; with
 *       <i>code</i> 1, answer when it is committed.
 *   <li>{@link #APPENDED}, from the leader: what became of the batch with sequence <i>number</i> of that producer and epoch:
 *       <i>code</i> is an {@link AppendCode}, <i>offset</i> where it is, <i>detail</i> its time or where the log ends, and the leader
 *       epoch is the one of {@link #APPEND}.
 *   <li>{@link #WATCH}, to the leader: tell bounds to one who does not keep the partition, now and when they move; until
 *       {@link #UNWATCH}.
 *   <li>{@link #BOUNDS}, from the leader: its log begins at <i>detail</i>, ends at <i>end</i>, and the high watermark is
 *       <i>offset</i>; with <i>code</i> 0, former leaders may have committed more.
 *   <li>{@link #FETCH}, to the leader, by one who watches: send what is committed from <i>offset</i> on, as soon as there is
 *       something. What answers it has the same <i>attempt</i>.
 *   <li>{@link #FETCHED}, from the leader: that is it; with <i>code</i> 0, it cannot be read.
 * </ul>
 */
final class ReplicaMessageLayout {
    static final byte FOLLOW = 1;
    static final byte DIVERGED = 2;
    static final byte BATCHES = 3;
    static final byte ACK = 4;
    static final byte APPEND = 5;
    static final byte APPENDED = 6;
    static final byte BEGIN = 7;
    static final byte WATCH = 8;
    static final byte UNWATCH = 9;
    static final byte BOUNDS = 10;
    static final byte FETCH = 11;
    static final byte FETCHED = 12;

    static final byte WHEN_APPENDED = 0;
    static final byte WHEN_COMMITTED = 1;

    static final byte NOT_READ = 0;
    static final byte READ = 1;

    static final byte NOT_CAUGHT_UP = 0;
    static final byte CAUGHT_UP = 1;

    private static final int KIND = 0;
    private static final int CODE = 1;
    private static final int PRODUCER_EPOCH = 2;
    private static final int LEADER_EPOCH = 4;
    private static final int TOPIC_ID_UPPER = 8;
    private static final int TOPIC_ID_LOWER = 16;
    private static final int PARTITION = 24;
    private static final int NUMBER = 28;
    private static final int OFFSET = 32;
    private static final int DETAIL = 40;
    private static final int PRODUCER_ID = 48;
    private static final int ATTEMPT = 48;
    private static final int END = 48;
    static final int HEADER_LENGTH = 56;

    private ReplicaMessageLayout() {}

    static void put(
            MutableDirectBuffer buffer,
            byte kind,
            int code,
            PartitionId partition,
            int leaderEpoch,
            int number,
            long offset,
            long detail) {
        buffer.putByte(KIND, kind);
        buffer.putByte(CODE, (byte) code);
        buffer.putInt(LEADER_EPOCH, leaderEpoch, LITTLE_ENDIAN);
        buffer.putLong(TOPIC_ID_UPPER, partition.topicId().getMostSignificantBits(), LITTLE_ENDIAN);
        buffer.putLong(TOPIC_ID_LOWER, partition.topicId().getLeastSignificantBits(), LITTLE_ENDIAN);
        buffer.putInt(PARTITION, partition.index(), LITTLE_ENDIAN);
        buffer.putInt(NUMBER, number, LITTLE_ENDIAN);
        buffer.putLong(OFFSET, offset, LITTLE_ENDIAN);
        buffer.putLong(DETAIL, detail, LITTLE_ENDIAN);
        putProducer(buffer, 0, (short) 0);
    }

    static void putProducer(MutableDirectBuffer buffer, long producerId, short producerEpoch) {
        buffer.putShort(PRODUCER_EPOCH, producerEpoch, LITTLE_ENDIAN);
        buffer.putLong(PRODUCER_ID, producerId, LITTLE_ENDIAN);
    }

    static void putAttempt(MutableDirectBuffer buffer, long attempt) {
        buffer.putLong(ATTEMPT, attempt, LITTLE_ENDIAN);
    }

    static void putEnd(MutableDirectBuffer buffer, long endOffset) {
        buffer.putLong(END, endOffset, LITTLE_ENDIAN);
    }

    static byte kind(DirectBuffer buffer, int message) {
        return buffer.getByte(message + KIND);
    }

    static int code(DirectBuffer buffer, int message) {
        return buffer.getByte(message + CODE);
    }

    static short producerEpoch(DirectBuffer buffer, int message) {
        return buffer.getShort(message + PRODUCER_EPOCH, LITTLE_ENDIAN);
    }

    static int leaderEpoch(DirectBuffer buffer, int message) {
        return buffer.getInt(message + LEADER_EPOCH, LITTLE_ENDIAN);
    }

    static PartitionId partition(DirectBuffer buffer, int message) {
        return new PartitionId(
                new UUID(
                        buffer.getLong(message + TOPIC_ID_UPPER, LITTLE_ENDIAN),
                        buffer.getLong(message + TOPIC_ID_LOWER, LITTLE_ENDIAN)),
                buffer.getInt(message + PARTITION, LITTLE_ENDIAN));
    }

    static int number(DirectBuffer buffer, int message) {
        return buffer.getInt(message + NUMBER, LITTLE_ENDIAN);
    }

    static long offset(DirectBuffer buffer, int message) {
        return buffer.getLong(message + OFFSET, LITTLE_ENDIAN);
    }

    static long detail(DirectBuffer buffer, int message) {
        return buffer.getLong(message + DETAIL, LITTLE_ENDIAN);
    }

    static long producerId(DirectBuffer buffer, int message) {
        return buffer.getLong(message + PRODUCER_ID, LITTLE_ENDIAN);
    }

    static long end(DirectBuffer buffer, int message) {
        return buffer.getLong(message + END, LITTLE_ENDIAN);
    }

    static long attempt(DirectBuffer buffer, int message) {
        return buffer.getLong(message + ATTEMPT, LITTLE_ENDIAN);
    }
}
