package io.tidemill.benchmarks;

import io.tidemill.replication.link.LinkHandler;
import io.tidemill.replication.link.LinkSettings;
import io.tidemill.replication.link.Links;
import io.tidemill.replication.secret.Checksums;
import io.tidemill.replication.secret.Protection;
import io.tidemill.replication.secret.SharedSecret;
import io.tidemill.replication.udp.UdpSettings;
import io.tidemill.replication.udp.UdpTransport;
import io.tidemill.runtime.JvmAccess;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How fast two brokers talk over UDP on loopback, a thread each: messages one way, round trips, what it costs to be idle, and how long it
 * takes to be connected. With the arguments {@code frame bytes, loss, secret} (0 or 1), for instance {@code 1408 0.01 0}.
 */
public final class LinkThroughput {
    private static final int ROUNDS = 15;
    private static final long ROUND_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int MESSAGES_AT_A_TIME = 256;
    private static final int ROUND_TRIPS = 30_000;
    private static final int SENDER = 1;
    private static final int RECEIVER = 2;

    private final int frameBytes;
    private final double loss;
    private final boolean hasSecret;

    private LinkThroughput(int frameBytes, double loss, boolean hasSecret) {
        this.frameBytes = frameBytes;
        this.loss = loss;
        this.hasSecret = hasSecret;
    }

    public static void main(String[] args) throws Exception {
        JvmAccess.ensureAgrona();
        LinkThroughput run = new LinkThroughput(
                args.length > 0 ? Integer.parseInt(args[0]) : UdpSettings.SAFE_FRAME_BYTES,
                args.length > 1 ? Double.parseDouble(args[1]) : 0,
                args.length > 2 && args[2].equals("1"));
        System.out.println("frame bytes " + run.frameBytes + ", loss " + run.loss + ", secret " + run.hasSecret);
        run.measureConnecting();
        for (int messageBytes : new int[] {100, 1024, 64 * 1024}) {
            run.measureOneWay(messageBytes);
            run.measureCost(messageBytes);
        }
        run.measureRoundTrips(false);
        run.measureRoundTrips(true);
        run.measureIdle();
    }

    /** Two brokers that know each other. */
    private final class Pair implements AutoCloseable {
        private final UdpTransport[] transports = new UdpTransport[2];
        private final Links[] links = new Links[2];

        Pair() {
            InetSocketAddress anyPort = new InetSocketAddress("127.0.0.1", 0);
            UdpSettings settings = UdpSettings.defaults().withFrameBytesMax(frameBytes);
            for (int i = 0; i < 2; i++) {
                transports[i] = UdpTransport.open(SENDER + i, anyPort, settings);
            }
            for (int i = 0; i < 2; i++) {
                int peerId = SENDER + 1 - i;
                transports[i].addPeer(peerId, transports[1 - i].localAddress());
                Protection protection =
                        hasSecret ? new SharedSecret(new byte[SharedSecret.LENGTH_MIN]) : new Checksums();
                links[i] = new Links(
                        LinkSettings.defaults(),
                        new LossyTransport(transports[i], loss),
                        protection,
                        new SecureRandom());
                links[i].addPeer(peerId, System.nanoTime());
            }
        }

        void connect() {
            Counting counting = new Counting();
            while (!links[0].isConnected(RECEIVER) || !links[1].isConnected(SENDER)) {
                links[0].poll(counting, System.nanoTime());
                links[1].poll(counting, System.nanoTime());
            }
        }

        @Override
        public void close() {
            for (int i = 0; i < 2; i++) {
                links[i].close(System.nanoTime());
                transports[i].close();
            }
        }
    }

    /** What a thread of a broker does by default while there is nothing to do. */
    private static final class Idling {
        private static final int SPINS = 20;
        private static final int YIELDS = 20;

        private final Pair pair;
        private final int side;
        private int cycles;

        Idling(Pair pair, int side) {
            this.pair = pair;
            this.side = side;
        }

        void idle(int work) {
            if (work > 0) {
                cycles = 0;
            } else if (cycles++ < SPINS) {
                Thread.onSpinWait();
            } else if (cycles < SPINS + YIELDS) {
                Thread.yield();
            } else {
                pair.transports[side].parker().park(pair.links[side].idleNsMax(System.nanoTime()));
            }
        }
    }

    private static class Counting implements LinkHandler {
        private volatile long messages;

        @Override
        public void onConnected(int brokerId) {}

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        @Override
        public void onMessage(int fromBrokerId, int channel, DirectBuffer buffer, int index, int length) {
            messages = messages + 1;
        }

        @Override
        public void onDisconnected(int brokerId) {
            throw new IllegalStateException("disconnected: brokerId=" + brokerId);
        }
    }

    private void measureConnecting() {
        for (int attempt = 0; attempt < 2; attempt++) {
            long startNs = System.nanoTime();
            try (Pair pair = new Pair()) {
                pair.connect();
                tell("connected, " + (attempt == 0 ? "cold" : "warm") + ", ms", (System.nanoTime() - startNs) / 1e6);
            }
        }
    }

    /** The best of some rounds, since what else runs on the machine only takes away. */
    private void measureOneWay(int messageBytes) throws Exception {
        try (Pair pair = new Pair()) {
            pair.connect();
            Counting received = new Counting();
            AtomicBoolean isOver = new AtomicBoolean();
            SecondThread receiver = SecondThread.run(() -> {
                Idling idling = new Idling(pair, 1);
                while (!isOver.get()) {
                    idling.idle(pair.links[1].poll(received, System.nanoTime()));
                }
            });
            double perSecond = bestOfRounds(pair, messageBytes, received, false);
            isOver.set(true);
            receiver.join();
            tell(messageBytes + " B, M messages/s", perSecond / 1e6);
            tell(messageBytes + " B, MB/s", perSecond * messageBytes / 1e6);
        }
    }

    /** What both ends cost, by the CPU time of the one thread that they share. */
    private void measureCost(int messageBytes) {
        try (Pair pair = new Pair()) {
            pair.connect();
            double perSecond = bestOfRounds(pair, messageBytes, new Counting(), true);
            tell(messageBytes + " B, M messages per s of CPU", perSecond / 1e6);
            tell(messageBytes + " B, MB per s of CPU", perSecond * messageBytes / 1e6);
        }
    }

    private double bestOfRounds(Pair pair, int messageBytes, Counting received, boolean isOneThread) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[messageBytes]);
        Counting sender = new Counting();
        Idling idling = new Idling(pair, 0);
        double bestPerSecond = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long messagesBefore = received.messages;
            long cpuNs = ThreadCpu.now();
            long startNs = System.nanoTime();
            long now = startNs;
            for (; now - startNs < ROUND_NS; now = System.nanoTime()) {
                int left = MESSAGES_AT_A_TIME;
                while (left > 0 && pair.links[0].send(RECEIVER, Links.DATA, message, 0, messageBytes)) {
                    left--;
                }
                int work = MESSAGES_AT_A_TIME - left + pair.links[0].poll(sender, now);
                if (isOneThread) {
                    pair.links[1].poll(received, now);
                } else {
                    idling.idle(work);
                }
            }
            long spentNs = isOneThread ? ThreadCpu.now() - cpuNs : now - startNs;
            bestPerSecond = Math.max(bestPerSecond, (received.messages - messagesBefore) * 1e9 / spentNs);
        }
        return bestPerSecond;
    }

    private void measureRoundTrips(boolean isParking) throws Exception {
        try (Pair pair = new Pair()) {
            pair.connect();
            int rounds = isParking ? ROUND_TRIPS / 3 : ROUND_TRIPS;
            Counting answers = new Counting();
            Counting echo = new Counting() {
                @Override
                public void onMessage(int from, int channel, DirectBuffer buffer, int index, int length) {
                    super.onMessage(from, channel, buffer, index, length);
                    pair.links[1].send(from, channel, buffer, index, length);
                }
            };
            SecondThread peer = SecondThread.run(() -> {
                while (echo.messages < 2L * rounds) {
                    turn(pair, 1, echo, isParking);
                }
            });
            UnsafeBuffer message = new UnsafeBuffer(new byte[100]);
            Histogram histogram = new Histogram(3);
            for (int round = 0; round < 2 * rounds; round++) {
                long startNs = System.nanoTime();
                pair.links[0].send(RECEIVER, Links.CONTROL, message, 0, message.capacity());
                while (answers.messages == round) {
                    turn(pair, 0, answers, isParking);
                }
                if (round >= rounds) {
                    histogram.recordValue(System.nanoTime() - startNs);
                }
            }
            peer.join();
            String how = isParking ? "parking" : "spinning";
            tell("round trip p50, " + how + ", µs", histogram.getValueAtPercentile(50) / 1e3);
            tell("round trip p99, " + how + ", µs", histogram.getValueAtPercentile(99) / 1e3);
        }
    }

    private static void turn(Pair pair, int side, LinkHandler handler, boolean isParking) {
        Links links = pair.links[side];
        if (links.poll(handler, System.nanoTime()) == 0 && isParking) {
            pair.transports[side].parker().park(links.idleNsMax(System.nanoTime()));
        }
    }

    private void measureIdle() throws Exception {
        try (Pair pair = new Pair()) {
            pair.connect();
            Counting handler = new Counting();
            SecondThread idle = SecondThread.run(() -> {
                long endNs = System.nanoTime() + IDLE_NS;
                long cpuNs = ThreadCpu.now();
                while (System.nanoTime() - endNs < 0) {
                    turn(pair, 1, handler, true);
                }
                tell("idle, % of a core", (ThreadCpu.now() - cpuNs) * 100.0 / IDLE_NS);
            });
            while (!idle.isDone()) {
                turn(pair, 0, handler, true);
            }
            idle.join();
        }
    }

    private static void tell(String what, double value) {
        System.out.printf(Locale.ROOT, "%-40s %12.3f%n", what, value);
    }
}
