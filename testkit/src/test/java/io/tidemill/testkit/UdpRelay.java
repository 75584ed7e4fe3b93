package io.tidemill.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * What lies between the hosts of a cluster, for brokers that in truth are on one: each broker knows the others by ports of this relay,
 * which passes on what arrives there from the port by which the receiver knows the sender. What {@link SimNetworkSettings} say
 * becomes of datagrams on their way; limits of frames and queues are those of the sockets.
 *
 * <p>All state is guarded by this object.
 */
final class UdpRelay implements AutoCloseable {
    private static final int DATAGRAM_BYTES_MAX = 65_536;
    private static final int RECORDED_MAX = 500;
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;
    private static final long IDLE_MS_MAX = 1;

    /** Stands for one broker in front of another one. */
    private record Port(int owner, int peer, DatagramChannel channel) {}

    private record Datagram(Port leaves, SocketAddress to, byte[] bytes, long dueNs, long number) {}

    private final RandomGenerator random;
    private final SimNetworkSettings settings;
    private final Map<Integer, InetSocketAddress> members;
    private final Selector selector = Selector.open();
    private final List<Port> ports = new ArrayList<>();
    private final PriorityQueue<Datagram> underWay = new PriorityQueue<>((a, b) -> {
        int byTime = Long.signum(a.dueNs() - b.dueNs());
        return byTime != 0 ? byTime : Long.compare(a.number(), b.number());
    });
    private final List<Datagram> recorded = new ArrayList<>();
    private final Set<Integer> isolated = new HashSet<>();
    private final Thread thread = new Thread(this::run, "udp-relay");
    private long datagrams;
    private boolean isClosed;

    /** @param members where the brokers are in truth */
    UdpRelay(long seed, SimNetworkSettings settings, Map<Integer, InetSocketAddress> members) throws IOException {
        this.random = new SplittableRandom(seed);
        this.settings = settings;
        this.members = members;
        for (int owner : members.keySet()) {
            for (int peer : members.keySet()) {
                if (owner != peer) {
                    DatagramChannel channel = DatagramChannel.open();
                    channel.configureBlocking(false);
                    channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
                    channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
                    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    Port port = new Port(owner, peer, channel);
                    channel.register(selector, SelectionKey.OP_READ, port);
                    ports.add(port);
                }
            }
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** Where that broker finds itself and the others. */
    Map<Integer, InetSocketAddress> membersFor(int brokerId) throws IOException {
        Map<Integer, InetSocketAddress> known = new TreeMap<>();
        known.put(brokerId, members.get(brokerId));
        for (Port port : ports) {
            if (port.peer() == brokerId) {
                known.put(port.owner(), (InetSocketAddress) port.channel().getLocalAddress());
            }
        }
        return known;
    }

    /** Nobody hears that broker any more, and it hears nobody. */
    synchronized void isolate(int brokerId) {
        isolated.add(brokerId);
    }

    synchronized void heal() {
        isolated.clear();
    }

    synchronized long datagrams() {
        return datagrams;
    }

    /** Says again, as who said it first, some of what was said; every other time with a bit turned over. */
    synchronized void sayAgain(int count) {
        for (int i = 0; i < count && !recorded.isEmpty(); i++) {
            Datagram datagram = recorded.get(random.nextInt(recorded.size()));
            byte[] bytes = datagram.bytes().clone();
            if (i % 2 == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            leave(new Datagram(datagram.leaves(), datagram.to(), bytes, 0, 0));
        }
    }

    /** What was said to that broker lately. */
    synchronized List<byte[]> recordedTo(int brokerId) {
        return recorded.stream()
                .filter(datagram -> datagram.to().equals(members.get(brokerId)))
                .map(Datagram::bytes)
                .toList();
    }

    /** Says noise to that broker, in the name of each other one. */
    synchronized void sayNoise(int brokerId, int count) {
        for (int i = 0; i < count; i++) {
            byte[] noise = new byte[random.nextInt(1, 1_400)];
            random.nextBytes(noise);
            for (Port port : ports) {
                if (port.peer() == brokerId) {
                    leave(new Datagram(port, members.get(brokerId), noise, 0, 0));
                }
            }
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(DATAGRAM_BYTES_MAX);
        try {
            while (isOpen()) {
                selector.select(key -> receive((Port) key.attachment(), buffer), IDLE_MS_MAX);
                passOn();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized boolean isOpen() {
        return !isClosed;
    }

    private synchronized void receive(Port port, ByteBuffer buffer) {
        try {
            buffer.clear();
            // Told to the owner of the port, by its peer.
            while (port.channel().receive(buffer) != null) {
                byte[] bytes = new byte[buffer.flip().remaining()];
                buffer.get(bytes);
                buffer.clear();
                onDatagram(port, bytes);
            }

        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void onDatagram(Port port, byte[] bytes) {
        if (isolated.contains(port.owner())
                || isolated.contains(port.peer())
                || random.nextDouble() < settings.loss()) {
            return;
        }
        Port leaves = ports.stream()
                .filter(other -> other.owner() == port.peer() && other.peer() == port.owner())
                .findAny()
                .orElseThrow();
        int copies = random.nextDouble() < settings.duplication() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long spreadNs = settings.delayMax().minus(settings.delayMin()).toNanos();
            long delayNs = settings.delayMin().toNanos() + (spreadNs == 0 ? 0 : random.nextLong(spreadNs));
            Datagram datagram =
                    new Datagram(leaves, members.get(port.owner()), bytes, System.nanoTime() + delayNs, datagrams++);
            underWay.add(datagram);
            record(datagram);
        }
    }

    private void record(Datagram datagram) {
        if (recorded.size() < RECORDED_MAX) {
            recorded.add(datagram);
        } else {
            recorded.set(random.nextInt(RECORDED_MAX), datagram);
        }
    }

    private synchronized void passOn() {
        long nowNs = System.nanoTime();
        while (!underWay.isEmpty() && underWay.peek().dueNs() - nowNs <= 0) {
            leave(underWay.remove());
        }
    }

    /** If the buffer is full, it is lost, as in any switch. */
    private void leave(Datagram datagram) {
        try {
            datagram.leaves().channel().send(ByteBuffer.wrap(datagram.bytes()), datagram.to());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            isClosed = true;
        }
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        for (Port port : ports) {
            port.channel().close();
        }
        selector.close();
    }
}
