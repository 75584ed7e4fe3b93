package io.tidemill.replication.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.batch.Batches;
import io.tidemill.replication.controller.PartitionId;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Messages as bytes: brokers of different versions of Tidemill must understand each other. */
class ReplicaMessageLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final PartitionId PARTITION =
            new PartitionId(new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L), 0x11);
    private static final String HEAD = "08070605 04030201\n100f0e0d 0c0b0a09 11000000 ";
    private static final UnsafeBuffer BATCH =
            new UnsafeBuffer(new byte[] {(byte) 0xba, (byte) 0xbb, (byte) 0xbc, (byte) 0xbd});

    private final List<byte[]> sent = new ArrayList<>();
    private final ReplicaSender sender = new ReplicaSender(PARTITION, new PeerLinks() {
        @Override
        public boolean send(
                int toId, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
            byte[] bytes = new byte[headLength + bodyLength];
            head.getBytes(0, bytes, 0, headLength);
            body.getBytes(bodyIndex, bytes, headLength, bodyLength);
            return sent.add(bytes);
        }

        @Override
        public boolean isConnected(int brokerId) {
            return true;
        }
    });

    private void assertSent(String expected) {
        assertEquals(expected, Batches.hex(sent.get(sent.size() - 1)));
    }

    @Test
    void follow() {
        sender.follow(1, 0x21, 0x22, 0x23, 0x24, 0x25);

        assertSent("01000000 21000000 " + HEAD + "23000000\n24000000 00000000 25000000 00000000\n22000000 00000000");
    }

    @Test
    void diverged() {
        sender.diverged(1, 0x21, 0x22, 0x23, 0x24);

        assertSent("02000000 21000000 " + HEAD + "23000000\n24000000 00000000 00000000 00000000\n22000000 00000000");
    }

    @Test
    void batches() {
        FollowerProgress follower = new FollowerProgress(2, 0, 0);
        follower.begin(0, 0, 0x22);

        sender.batches(follower, 0x21, 0x24, 0x25, BATCH, 0, 4);

        assertSent("03000000 21000000 " + HEAD
                + "00000000\n24000000 00000000 25000000 00000000\n22000000 00000000 babbbcbd");
    }

    @Test
    void ack() {
        sender.ack(1, 0x21, 0x24);

        assertSent("04000000 21000000 " + HEAD + "00000000\n24000000 00000000 00000000 00000000\n00000000 00000000");
    }

    @Test
    void append() {
        sender.append(1, 0x21, true, -1, BATCH);

        assertSent("05010000 21000000 " + HEAD
                + "00000000\nffffffff ffffffff 00000000 00000000\n00000000 00000000 babbbcbd");
    }

    @Test
    void appended() {
        AppendAnswer answer = new AppendAnswer(0x26, (short) 0x27, 0x23, AppendCode.OFFSET_MISMATCH, 0x24, 0x25);

        sender.appended(1, 0x21, answer);

        assertSent("06052700 21000000 " + HEAD + "23000000\n24000000 00000000 25000000 00000000\n26000000 00000000");
    }

    @Test
    void begin() {
        sender.begin(1, 0x21, 0x22, 0x24);

        assertSent("07000000 21000000 " + HEAD + "00000000\n24000000 00000000 00000000 00000000\n22000000 00000000");
    }

    @Test
    void watch() {
        sender.watch(1, 0x21);

        assertSent("08000000 21000000 " + HEAD + "00000000\n00000000 00000000 00000000 00000000\n00000000 00000000");
    }

    @Test
    void unwatch() {
        sender.unwatch(1, 0x21);

        assertSent("09000000 21000000 " + HEAD + "00000000\n00000000 00000000 00000000 00000000\n00000000 00000000");
    }

    @Test
    void bounds() {
        sender.bounds(2, 0x21, true, 0x25, 0x24, 0x26);

        assertSent("0a010000 21000000 " + HEAD + "00000000\n24000000 00000000 25000000 00000000\n26000000 00000000");
    }

    @Test
    void fetch() {
        sender.fetch(1, 0x21, 0x22, 0x24);

        assertSent("0b000000 21000000 " + HEAD + "00000000\n24000000 00000000 00000000 00000000\n22000000 00000000");
    }

    @Test
    void fetched() {
        sender.fetched(2, 0x21, 0x22, true, BATCH, 4);

        assertSent("0c010000 21000000 " + HEAD
                + "00000000\n00000000 00000000 00000000 00000000\n22000000 00000000 babbbcbd");
    }

    /** Their order is that of the numbers by which other brokers know them. */
    @Test
    void codes() {
        assertEquals(
                List.of(
                        AppendCode.APPENDED,
                        AppendCode.NOT_LEADER,
                        AppendCode.OUT_OF_ORDER,
                        AppendCode.FENCED,
                        AppendCode.NOT_ENOUGH_REPLICAS,
                        AppendCode.OFFSET_MISMATCH,
                        AppendCode.NOT_STORED,
                        AppendCode.NOT_FLUSHED),
                List.of(AppendCode.values()));
    }
}
