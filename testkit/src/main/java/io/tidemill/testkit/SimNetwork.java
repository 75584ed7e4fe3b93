package io.tidemill.testkit;

import io.tidemill.spi.Clock;
import io.tidemill.spi.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Connects brokers in memory, and does to their frames what a network may do: lose, double, delay and reorder them. It
 * has no thread: a frame arrives when its receiver polls and the clock has reached the time it is due.
 *
 * <p>Its chance comes from the caller. The same seed and the same calls give the same run. Any thread may call, but the
 * order of calls from several threads is not the same every time, and then neither is the run.
 */
public final class SimNetwork {
    private final RandomGenerator random;
    private final Clock clock;
    private final SimNetworkSettings settings;
    /** By broker id; a broker that left stays here, closed: its peers cannot know. */
    private final Map<Integer, Endpoint> endpoints = new HashMap<>();

    private final Set<Direction> blocked = new HashSet<>();
    private long frameCount;

    /**
     * A network without brokers.
     *
     * @param random decides what happens to each frame
     * @param clock decides when frames are due
     * @param settings how bad it is
     */
    public SimNetwork(RandomGenerator random, Clock clock, SimNetworkSettings settings) {
        this.random = random;
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Connects a broker. One that left may come back; what was on its way to it is gone.
     *
     * @param brokerId of nobody who is connected
     * @return its end, owned by the caller
     */
    public synchronized Transport join(int brokerId) {
        Endpoint former = endpoints.get(brokerId);
        if (former != null && !former.closed) {
            throw new IllegalStateException("broker is connected: brokerId=" + brokerId);
        }
        Endpoint endpoint = new Endpoint(brokerId);
        endpoints.put(brokerId, endpoint);
        return endpoint;
    }

    /**
     * Loses, from now on, every frame that goes this way. What is on its way still arrives.
     *
     * @param fromBrokerId the sender
     * @param toBrokerId the receiver
     */
    public synchronized void block(int fromBrokerId, int toBrokerId) {
        blocked.add(new Direction(fromBrokerId, toBrokerId));
    }

    /**
     * Undoes {@link #block}.
     *
     * @param fromBrokerId the sender
     * @param toBrokerId the receiver
     */
    public synchronized void unblock(int fromBrokerId, int toBrokerId) {
        blocked.remove(new Direction(fromBrokerId, toBrokerId));
    }

    /**
     * Blocks a link both ways.
     *
     * @param brokerId one end
     * @param otherBrokerId the other
     */
    public synchronized void blockLink(int brokerId, int otherBrokerId) {
        block(brokerId, otherBrokerId);
        block(otherBrokerId, brokerId);
    }

    /**
     * Unblocks a link both ways.
     *
     * @param brokerId one end
     * @param otherBrokerId the other
     */
    public synchronized void unblockLink(int brokerId, int otherBrokerId) {
        unblock(brokerId, otherBrokerId);
        unblock(otherBrokerId, brokerId);
    }

    /** Unblocks everything. */
    public synchronized void heal() {
        blocked.clear();
    }

    private synchronized boolean send(int fromBrokerId, int toBrokerId, byte[] bytes) {
        Endpoint receiver = endpoints.get(toBrokerId);
        if (receiver == null) {
            return false;
        }
        // Drawn for frames to a blocked or closed receiver too: then a change there does not change every draw after
        // it.
        boolean lost = random.nextDouble() < settings.loss();
        boolean doubled = random.nextDouble() < settings.duplication();
        boolean reachable = !receiver.closed && !blocked.contains(new Direction(fromBrokerId, toBrokerId));
        for (int copies = doubled ? 2 : 1; copies > 0; copies--) {
            Frame frame = new Frame(fromBrokerId, bytes, clock.nowNs() + delayNs(), frameCount++);
            if (reachable && !lost && receiver.onTheWay.size() < settings.queueFramesMax()) {
                receiver.onTheWay.add(frame);
            }
        }
        return true;
    }

    private long delayNs() {
        return random.nextLong(
                settings.delayMin().toNanos(), settings.delayMax().toNanos() + 1);
    }

    private synchronized @Nullable Frame takeDue(Endpoint receiver) {
        Frame next = receiver.onTheWay.peek();
        return next == null || clock.nowNs() - next.dueNs < 0 ? null : receiver.onTheWay.poll();
    }

    private synchronized void leave(Endpoint endpoint) {
        endpoint.closed = true;
        endpoint.onTheWay.clear();
    }

    private record Direction(int fromBrokerId, int toBrokerId) {}

    private record Frame(int fromBrokerId, byte[] bytes, long dueNs, long ordinal) implements Comparable<Frame> {
        @Override
        public int compareTo(Frame that) {
            // By subtraction, since nanoseconds wrap; those of one time in the order in which they were sent.
            int byTime = Long.signum(dueNs - that.dueNs);
            return byTime != 0 ? byTime : Long.compare(ordinal, that.ordinal);
        }
    }

    private final class Endpoint implements Transport {
        private final int brokerId;
        private final PriorityQueue<Frame> onTheWay = new PriorityQueue<>();
        private volatile boolean closed;

        Endpoint(int brokerId) {
            this.brokerId = brokerId;
        }

        @Override
        public int brokerId() {
            return brokerId;
        }

        @Override
        public int frameBytesMax() {
            return settings.frameBytesMax();
        }

        @Override
        public boolean send(int toBrokerId, DirectBuffer buffer, int index, int length) {
            checkOpen();
            if (length <= 0 || length > frameBytesMax()) {
                throw new IllegalArgumentException("length must be from 1 to frameBytesMax: length=" + length
                        + ", frameBytesMax=" + frameBytesMax());
            }
            byte[] copy = new byte[length];
            buffer.getBytes(index, copy);
            return SimNetwork.this.send(brokerId, toBrokerId, copy);
        }

        @Override
        public int poll(FrameHandler handler, int framesMax) {
            checkOpen();
            int frames = 0;
            // The handler runs without the lock, and may send or close.
            for (Frame frame; frames < framesMax && (frame = takeDue(this)) != null; frames++) {
                handler.onFrame(frame.fromBrokerId, new UnsafeBuffer(frame.bytes), 0, frame.bytes.length);
            }
            return frames;
        }

        @Override
        public void close() {
            leave(this);
        }

        private void checkOpen() {
            if (closed) {
                throw new IllegalStateException("transport is closed: brokerId=" + brokerId);
            }
        }
    }
}
