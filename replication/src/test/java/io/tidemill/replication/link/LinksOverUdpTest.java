package io.tidemill.replication.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.Protection;
import io.tidemill.replication.secret.SharedSecret;
import io.tidemill.replication.udp.UdpSettings;
import io.tidemill.replication.udp.UdpTransport;
import io.tidemill.runtime.JvmAccess;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Links over sockets, on one thread, in real time: what the simulation cannot see. */
class LinksOverUdpTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int BROKERS = 3;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(2);
    private static final int MESSAGES = 20_000;
    private static final int WARM_UP_ROUNDS = 4;
    /**
     * The JDK makes an address for a datagram whose sender is not that of the one before, which is some acknowledgements here.
     * One small object for every 4 messages would be more.
     */
    private static final long BYTES_PER_ROUND_MAX = 2L * MESSAGES * 4;

    private final UdpTransport[] transports = new UdpTransport[BROKERS];
    private final Links[] links = new Links[BROKERS];
    private final Numbers[] numbers = new Numbers[BROKERS];
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[200_000]);

    /** Checks that messages are numbered one after the other, for each sender. */
    private static final class Numbers implements LinkHandler {
        private final long[] next = new long[BROKERS + 1];
        private long messages;
        private int connects;

        @Override
        public void onConnected(int brokerId) {
            connects++;
        }

        @Override
        public void onMessage(int fromBrokerId, int channel, DirectBuffer buffer, int index, int length) {
            if (buffer.getLong(index) != next[fromBrokerId]++) {
                throw new AssertionError("not the next message: from=" + fromBrokerId);
            }
            messages++;
        }

        @Override
        public void onDisconnected(int brokerId) {
            throw new AssertionError("disconnected: brokerId=" + brokerId);
        }
    }

    private void connect(Supplier<Protection> protection) {
        for (int i = 0; i < BROKERS; i++) {
            transports[i] = UdpTransport.open(i + 1, new InetSocketAddress("127.0.0.1", 0), UdpSettings.defaults());
            links[i] = new Links(LinkSettings.defaults(), transports[i], protection.get(), new SplittableRandom(i));
            numbers[i] = new Numbers();
        }
        for (int from = 0; from < BROKERS; from++) {
            for (int to = 0; to < BROKERS; to++) {
                if (from != to) {
                    transports[from].addPeer(to + 1, transports[to].localAddress());
                    links[from].addPeer(to + 1, System.nanoTime());
                }
            }
        }
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (Arrays.stream(numbers).anyMatch(each -> each.connects < BROKERS - 1)) {
            poll(deadlineNs);
        }
    }

    private void poll(long deadlineNs) {
        for (int i = 0; i < BROKERS; i++) {
            links[i].poll(numbers[i], System.nanoTime());
        }
        assertTrue(System.nanoTime() - deadlineNs < 0, "nothing comes any more");
    }

    @AfterEach
    void close() {
        for (int i = 0; i < BROKERS; i++) {
            links[i].close(System.nanoTime());
            transports[i].close();
        }
    }

    /** From the first broker to the others, so much each. */
    private void sendToOthers(int lengthMax, long firstNumber) {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        long messagesBefore = numbers[1].messages + numbers[2].messages;
        long[] sent = {firstNumber, firstNumber};
        while (numbers[1].messages + numbers[2].messages < messagesBefore + 2L * MESSAGES) {
            for (int peer = 0; peer < 2; peer++) {
                for (int left = 50; left > 0 && sent[peer] < firstNumber + MESSAGES; left--) {
                    message.putLong(0, sent[peer]);
                    int length = 8 + (int) (sent[peer] % lengthMax);
                    if (!links[0].send(peer + 2, Links.DATA, message, 0, length)) {
                        break;
                    }
                    sent[peer]++;
                }
            }
            poll(deadlineNs);
        }
    }

    @Test
    void carriesMessagesOfAllSizes() {
        connect(Checksums::new);

        sendToOthers(5_000, 0);

        assertEquals(MESSAGES, numbers[1].messages);
        assertEquals(MESSAGES, numbers[2].messages);
    }

    @Test
    void carriesSealedMessages() {
        connect(() -> new SharedSecret(new byte[SharedSecret.LENGTH_MIN]));

        sendToOthers(2_000, 0);

        assertEquals(MESSAGES, numbers[1].messages);
    }

    @Test
    void allocatesNothingPerMessage() {
        connect(Checksums::new);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            sendToOthers(500, (long) round * MESSAGES);
        }

        long before = threads.getCurrentThreadAllocatedBytes();
        sendToOthers(500, (long) WARM_UP_ROUNDS * MESSAGES);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertTrue(allocated <= BYTES_PER_ROUND_MAX, "allocated=" + allocated);
    }
}
