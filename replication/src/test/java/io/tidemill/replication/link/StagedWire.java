package io.tidemill.replication.link;

import io.tidemill.replication.secret.SealLayout;
import io.tidemill.spi.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A network that does to the next frame what a test tells it, and keeps what was sent. */
final class StagedWire {
    private final int frameBytesMax;
    private final Map<Integer, Queue<Frame>> queues = new HashMap<>();
    final List<byte[]> sent = new ArrayList<>();
    int loseNext;
    boolean damageNext;
    int frameBytesCarried = Integer.MAX_VALUE;

    private record Frame(int fromId, byte[] bytes) {}

    StagedWire(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    Transport open(int brokerId) {
        queues.put(brokerId, new ArrayDeque<>());
        return new Endpoint(brokerId);
    }

    long sentBytes() {
        return sent.stream().mapToLong(frame -> frame.length).sum();
    }

    long count(byte type) {
        return sent.stream().filter(frame -> frame[SealLayout.TYPE] == type).count();
    }

    /** As if that broker had sent it. */
    void inject(int fromId, int toId, byte[] bytes) {
        queues.get(toId).add(new Frame(fromId, bytes));
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
            byte[] bytes = new byte[length];
            buffer.getBytes(index, bytes);
            sent.add(bytes.clone());
            if (damageNext) {
                bytes[length - 1] ^= 1;
                damageNext = false;
            }
            boolean isLost = loseNext > 0 || length > frameBytesCarried;
            loseNext = Math.max(0, loseNext - 1);
            Queue<Frame> queue = queues.get(toBrokerId);
            if (!isLost && queue != null) {
                queue.add(new Frame(brokerId, bytes));
            }
            return queue != null;
        }

        @Override
        public int poll(FrameHandler handler, int framesMax) {
            Queue<Frame> queue = queues.get(brokerId);
            int frames = 0;
            for (; frames < framesMax && !queue.isEmpty(); frames++) {
                Frame frame = queue.remove();
                handler.onFrame(frame.fromId, new UnsafeBuffer(frame.bytes), 0, frame.bytes.length);
            }
            return frames;
        }

        @Override
        public void close() {
            queues.remove(brokerId);
        }
    }
}
