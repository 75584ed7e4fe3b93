package io.tidemill.replication.link;

import io.tidemill.spi.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A network in virtual time that loses, doubles, delays, reorders and damages frames, blocks directions, and sometimes has no room. */
final class SimulatedWire {
    private static final int QUEUE_FRAMES_MAX = 300;

    private final SplittableRandom random;
    private final int frameBytesMax;
    private final Map<Integer, PriorityQueue<Frame>> queues = new HashMap<>();
    private final Set<Integer> blocked = new HashSet<>();

    double loss;
    double duplication;
    double damage;
    double refusal;
    long delayMinNs;
    long delayMaxNs;
    long nowNs;
    long sentFrames;
    private long ordinal;

    private record Frame(int fromId, byte[] bytes, long dueNs, long ordinal) implements Comparable<Frame> {
        @Override
        public int compareTo(Frame that) {
            int byTime = Long.signum(dueNs - that.dueNs);
            return byTime != 0 ? byTime : Long.compare(ordinal, that.ordinal);
        }
    }

    SimulatedWire(SplittableRandom random, int frameBytesMax) {
        this.random = random;
        this.frameBytesMax = frameBytesMax;
    }

    /** A socket; what is on its way to a former one of that broker still arrives, as it does where ports stay. */
    Transport open(int brokerId) {
        queues.computeIfAbsent(brokerId, id -> new PriorityQueue<>());
        return new Endpoint(brokerId);
    }

    void block(int fromId, int toId) {
        blocked.add(direction(fromId, toId));
    }

    boolean isBlocked(int fromId, int toId) {
        return blocked.contains(direction(fromId, toId));
    }

    void heal() {
        blocked.clear();
    }

    private static int direction(int fromId, int toId) {
        return fromId * 1000 + toId;
    }

    private boolean send(int fromId, int toId, byte[] bytes) {
        if (random.nextDouble() < refusal) {
            return false;
        }
        sentFrames++;
        PriorityQueue<Frame> queue = queues.get(toId);
        for (int copies = random.nextDouble() < duplication ? 2 : 1; copies > 0; copies--) {
            byte[] copy = bytes.clone();
            if (random.nextDouble() < damage) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            boolean arrives =
                    random.nextDouble() >= loss && !isBlocked(fromId, toId) && queue.size() < QUEUE_FRAMES_MAX;
            if (arrives) {
                queue.add(new Frame(fromId, copy, nowNs + random.nextLong(delayMinNs, delayMaxNs + 1), ordinal++));
            }
        }
        return true;
    }

    private final class Endpoint implements Transport {
        private final int brokerId;

        Endpoint(int brokerId) {
            this.brokerId = brokerId;
        }

        @Override
        public int brokerId() {
            return brokerId;
        }

        @Override
        public int frameBytesMax() {
            return frameBytesMax;
        }

        @Override
        public boolean send(int toBrokerId, DirectBuffer buffer, int index, int length) {
            if (length <= 0 || length > frameBytesMax) {
                throw new IllegalArgumentException("length=" + length);
            }
            byte[] copy = new byte[length];
            buffer.getBytes(index, copy);
            return SimulatedWire.this.send(brokerId, toBrokerId, copy);
        }

        @Override
        public int poll(FrameHandler handler, int framesMax) {
            int frames = 0;
            for (Frame frame; frames < framesMax && (frame = takeDue()) != null; frames++) {
                handler.onFrame(frame.fromId, new UnsafeBuffer(frame.bytes), 0, frame.bytes.length);
            }
            return frames;
        }

        private @Nullable Frame takeDue() {
            PriorityQueue<Frame> queue = queues.get(brokerId);
            Frame next = queue.peek();
            return next == null || nowNs - next.dueNs < 0 ? null : queue.poll();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
