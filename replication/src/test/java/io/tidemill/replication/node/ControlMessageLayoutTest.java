package io.tidemill.replication.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.batch.Batches;
import io.tidemill.runtime.JvmAccess;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Messages as bytes: brokers of different versions of Tidemill must understand each other. */
class ControlMessageLayoutTest {
    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void isAsItIsDrawn() {
        UnsafeBuffer raft = ControlMessageLayout.message(ControlMessageLayout.RAFT, 0, 0, new byte[] {1});
        UnsafeBuffer request = ControlMessageLayout.message(ControlMessageLayout.REQUEST, 0x21, 0, new byte[0]);
        UnsafeBuffer answer = ControlMessageLayout.message(ControlMessageLayout.ANSWER, 0x21, 0x22, new byte[] {1, 2});

        assertHex("01000000 00000000 00000000 00000000\n00000000 00000000 01", raft);
        assertHex("02000000 00000000 21000000 00000000\n00000000 00000000", request);
        assertHex("03000000 00000000 21000000 00000000\n22000000 00000000 0102", answer);
    }

    private static void assertHex(String expected, UnsafeBuffer message) {
        assertEquals(expected, Batches.hex(message.byteArray()));
    }

    @Test
    void isReadWhereItLies() {
        UnsafeBuffer message = ControlMessageLayout.message(ControlMessageLayout.ANSWER, 5, 6, new byte[] {7, 8});
        UnsafeBuffer around = new UnsafeBuffer(new byte[100]);
        around.putBytes(30, message, 0, message.capacity());

        assertEquals(ControlMessageLayout.ANSWER, ControlMessageLayout.kind(around, 30));
        assertEquals(5, ControlMessageLayout.id(around, 30));
        assertEquals(6, ControlMessageLayout.epoch(around, 30));
        assertArrayEquals(new byte[] {7, 8}, ControlMessageLayout.content(around, 30, message.capacity()));
    }
}
