package io.tidemill.replication.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicaLogNameTest {
    @Test
    void isOfTheTopicAndItsIdAndThePartition() {
        assertEquals("orders.00000000000000010000000000000023-7", ReplicaLogName.of("orders", new UUID(1, 0x23), 7));
    }

    @Test
    void leavesRoomForTheFilesBesideTheLogOfALongTopic() {
        String topic = "t".repeat(249);

        String name = ReplicaLogName.of(topic, new UUID(1, 2), Integer.MAX_VALUE);

        assertTrue(name.length() + ".producers-0".length() <= 255, "length=" + name.length());
        assertNotEquals(name, ReplicaLogName.of(topic, new UUID(1, 3), Integer.MAX_VALUE));
    }

    @Test
    void isToldFromOtherLogs() {
        assertTrue(ReplicaLogName.isOne(ReplicaLogName.of("a.b-0", new UUID(-1, -2), 0)));

        assertFalse(ReplicaLogName.isOne("orders-0"));
        assertFalse(ReplicaLogName.isOne("orders.cafe-0"));
        assertFalse(ReplicaLogName.isOne("__cluster_metadata-00000000000000000001"));
    }
}
