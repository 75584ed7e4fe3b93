package io.tidemill.replication.link;

import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.SharedSecret;
import io.tidemill.spi.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A broker that sends numbered messages and checks those that it gets: of one connection, from number 0 on, without a gap, without a
 * repetition, byte by byte; and a connection of the sender is heard in one connection here only.
 */
final class SimulatedBroker implements LinkHandler {
    private static final int HEADER_BYTES = 4 + 8 + 4;

    private final SimulatedWire wire;
    private final LinkSettings settings;
    private final byte @Nullable [] secret;
    private final SplittableRandom random;
    final int id;
    private final int brokers;
    Links links;
    long polledNs;
    boolean isPaused;

    /** Makes connections of all incarnations unlike each other. */
    private int connections;

    private final Map<Integer, Connection> open = new HashMap<>();
    private final Map<Integer, Set<Integer>> heardConnections = new HashMap<>();
    long received;
    int disconnects;
    int connects;

    /** What one side knows of a session. */
    static final class Connection {
        /** Before the first message. */
        static final int UNKNOWN = -1;

        final int number;
        final long[] sent = new long[Links.CHANNELS];
        final long[] received = new long[Links.CHANNELS];
        int peerNumber = UNKNOWN;

        Connection(int number) {
            this.number = number;
        }
    }

    SimulatedBroker(
            SimulatedWire wire,
            LinkSettings settings,
            byte @Nullable [] secret,
            SplittableRandom random,
            int id,
            int brokers) {
        this.wire = wire;
        this.settings = settings;
        this.secret = secret;
        this.random = random;
        this.id = id;
        this.brokers = brokers;
        this.links = start();
    }

    private Links start() {
        Transport transport = wire.open(id);
        Links started = new Links(
                settings, transport, secret == null ? new Checksums() : new SharedSecret(secret), random.split());
        for (int peer = 1; peer <= brokers; peer++) {
            if (peer != id) {
                started.addPeer(peer, wire.nowNs);
            }
        }
        return started;
    }

    void restart(boolean isOrderly) {
        if (isOrderly) {
            links.close(wire.nowNs);
        }
        open.clear();
        links = start();
    }

    int poll() {
        polledNs = wire.nowNs;
        return links.poll(this, wire.nowNs);
    }

    @Nullable
    Connection connection(int peer) {
        return open.get(peer);
    }

    /** Sends one message if there is room. */
    boolean send(int peer, int channel, int length) {
        Connection connection = open.get(peer);
        UnsafeBuffer message = new UnsafeBuffer(new byte[Math.max(HEADER_BYTES, length)]);
        int number = connection == null ? -1 : connection.number;
        long ordinal = connection == null ? -1 : connection.sent[channel];
        message.putInt(0, number);
        message.putLong(4, ordinal);
        message.putInt(12, message.capacity());
        fill(message, number, ordinal);
        boolean taken = links.send(peer, channel, message, 0, message.capacity());
        require(!taken || connection != null, "taken without a connection");
        if (taken) {
            connection.sent[channel]++;
        }
        return taken;
    }

    private static void fill(UnsafeBuffer message, int number, long ordinal) {
        for (int i = HEADER_BYTES; i < message.capacity(); i++) {
            message.putByte(i, contentAt(number, ordinal, i));
        }
    }

    private static byte contentAt(int number, long ordinal, int index) {
        return (byte) (number * 31 + ordinal * 7 + index * 13 + (index >> 8));
    }

    @Override
    public void onConnected(int peer) {
        require(!open.containsKey(peer), "connected twice");
        open.put(peer, new Connection(connections++));
        connects++;
    }

    @Override
    public void onDisconnected(int peer) {
        require(open.remove(peer) != null, "disconnected without a connection");
        disconnects++;
    }

    @Override
    public void onMessage(int from, int channel, DirectBuffer buffer, int index, int length) {
        Connection connection = open.get(from);
        require(connection != null, "a message without a connection");
        require(length >= HEADER_BYTES && buffer.getInt(index + 12) == length, "a message of another length");
        int number = buffer.getInt(index);
        if (connection.peerNumber == Connection.UNKNOWN) {
            connection.peerNumber = number;
            boolean isNew = heardConnections
                    .computeIfAbsent(from, key -> new HashSet<>())
                    .add(number);
            require(isNew, "a message of a connection that ended");
        }
        long ordinal = buffer.getLong(index + 4);
        require(
                number == connection.peerNumber && ordinal == connection.received[channel],
                "not the next message: from=" + from + ", to=" + id + ", channel=" + channel + ", connection=" + number
                        + " not " + connection.peerNumber + ", ordinal=" + ordinal + " not "
                        + connection.received[channel]);
        for (int i = HEADER_BYTES; i < length; i++) {
            require(buffer.getByte(index + i) == contentAt(number, ordinal, i), "changed on the way");
        }
        connection.received[channel]++;
        received++;
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
