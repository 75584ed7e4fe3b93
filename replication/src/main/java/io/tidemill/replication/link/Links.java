package io.tidemill.replication.link;

import io.tidemill.ClusterMetrics.PeerMetrics;
import io.tidemill.metrics.Counter;
import io.tidemill.replication.secret.Protection;
import io.tidemill.replication.secret.SealLayout;
import io.tidemill.spi.Transport;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages between brokers, over a transport that may lose, double, delay and reorder frames. While two brokers are connected, each
 * message arrives exactly once and each channel keeps its order; when they are not any more, both hear so, and what had not
 * arrived is lost.
 *
 * <p>A channel is a stream of bytes in each direction, with messages behind one another in it ({@link FrameLayout}). Whatever waits
 * when frames are sent shares them, and a message may need many. A receiver asks for what it misses; only that is sent twice. What may
 * be under way is bounded by the receiver's window and by {@link CongestionWindow}; what waits is bounded too, and {@link #send} says
 * when it is full. CONTROL has its own stream, which is sent first, so it never waits behind DATA. How long frames can be is tried out
 * ({@link FrameSizeProbe}), and how sessions begin and end is {@link Peer}'s.
 *
 * <p>There is no clock, thread or socket here: one thread, which also uses the transport, calls {@link #poll} again and again, and
 * may sleep in between for {@link #idleNsMax}, or until a frame arrives. For each peer that is connected, memory grows with what is
 * under way, up to five windows of each channel; for others there is next to none.
 */
public final class Links {
    /** Small and urgent. */
    public static final int CONTROL = 0;
    /** Much. */
    public static final int DATA = 1;

    static final int CHANNELS = 2;

    /** Of a frame that is not from whom it should be, or damaged, or late. */
    static final int FOREIGN = -1;

    /** Then others have their turn. */
    private static final int FRAMES_PER_POLL_MAX = 128;

    private final LinkSettings settings;
    private final Transport transport;
    private final LinkHost host;
    private final Int2ObjectHashMap<Peer> peersById = new Int2ObjectHashMap<>();
    private Peer[] peers = new Peer[0];
    private final Counter foreignFrames = new Counter();

    /** Of the poll that runs; the transport's handler is made once. */
    private @Nullable LinkHandler handler;

    private long nowNs;
    private int messages;
    private final Transport.FrameHandler onFrame = this::onFrame;

    /**
     * Knows nobody yet.
     *
     * @param random where there is a secret, nobody may be able to guess what it gives
     */
    public Links(LinkSettings settings, Transport transport, Protection protection, RandomGenerator random) {
        if (transport.frameBytesMax() < settings.safeFrameBytes()) {
            throw new IllegalArgumentException("transport's frames are too short: frameBytesMax="
                    + transport.frameBytesMax() + ", safeFrameBytes=" + settings.safeFrameBytes());
        }
        this.settings = settings;
        this.transport = transport;
        this.host = new LinkHost(transport.brokerId(), settings, protection, random, new FrameOutput(transport));
    }

    /** Seeks a session with a broker that the transport knows, from now on. */
    public void addPeer(int brokerId, long now) {
        if (brokerId == transport.brokerId() || peersById.containsKey(brokerId)) {
            throw new IllegalArgumentException("broker is this one, or known already: brokerId=" + brokerId);
        }
        peersById.put(brokerId, new Peer(host, brokerId, now));
        peers = peersById.values().toArray(Peer[]::new);
    }

    /** Leaves a broker, and does not hear it any more; nobody is told here. Not within a poll. */
    public void removePeer(int brokerId, long now) {
        Peer peer = peersById.remove(brokerId);
        if (peer != null) {
            peer.leave(now);
            peers = peersById.values().toArray(Peer[]::new);
        }
    }

    /** Whether messages can be sent there now. */
    public boolean isConnected(int brokerId) {
        Peer peer = peersById.get(brokerId);
        return peer != null && peer.isConnected();
    }

    /** When a broker was heard last, connected or not; now if it never was, or is not known. */
    public long heardNs(int brokerId, long now) {
        Peer peer = peersById.get(brokerId);
        return peer == null ? now : peer.heardNs(now);
    }

    /**
     * Takes a message, which leaves with the next {@link #flush} or {@link #poll} that has room for it.
     *
     * @param channel {@link #CONTROL} or {@link #DATA}
     * @param length at most {@link LinkSettings#messageBytesMax}
     * @return false if the broker is not connected or too much waits; then nothing was taken
     */
    public boolean send(int toBrokerId, int channel, DirectBuffer message, int index, int length) {
        return send(toBrokerId, channel, message, 0, message, index, length);
    }

    /** The same with a message in two pieces, of which the first begins at index 0. */
    public boolean send(
            int toBrokerId,
            int channel,
            DirectBuffer head,
            int headLength,
            DirectBuffer body,
            int bodyIndex,
            int bodyLength) {
        int length = headLength + bodyLength;
        if (length < 0 || length > settings.messageBytesMax(channel)) {
            throw new IllegalArgumentException("length must be from 0 to messageBytesMax: length=" + length
                    + ", messageBytesMax=" + settings.messageBytesMax(channel));
        }
        Peer peer = peersById.get(toBrokerId);
        return peer != null && peer.send(channel, head, headLength, body, bodyIndex, bodyLength);
    }

    /**
     * Takes what arrived, hands it over, and sends what is due.
     *
     * @return how much was done; with 0, nothing will be to do before {@link #idleNsMax} or the next frame
     */
    public int poll(LinkHandler to, long now) {
        handler = to;
        nowNs = now;
        messages = 0;
        int work = transport.poll(onFrame, FRAMES_PER_POLL_MAX);
        for (Peer peer : peers) {
            work += peer.onTick(to, now);
        }
        return work + messages + flush(now);
    }

    private void onFrame(int fromBrokerId, DirectBuffer buffer, int index, int length) {
        Peer peer = peersById.get(fromBrokerId);
        boolean isFrame =
                length >= SealLayout.HEADER_LENGTH && FrameLayout.version(buffer, index) == FrameLayout.VERSION_1;
        int outcome = peer == null || handler == null || !isFrame
                ? FOREIGN
                : peer.onFrame(buffer, index, length, handler, nowNs);
        if (outcome == FOREIGN) {
            foreignFrames.addAlone(1);
        } else {
            messages += outcome;
        }
    }

    /** Sends what waits, as far as it may; returns how many frames. */
    public int flush(long now) {
        nowNs = now;
        int frames = 0;
        for (Peer peer : peers) {
            frames += peer.flush(now);
        }
        return frames;
    }

    /** How long the thread may sleep if no frame arrives and nothing is sent. */
    public long idleNsMax(long now) {
        long idleNs = Long.MAX_VALUE;
        for (Peer peer : peers) {
            idleNs = Math.min(idleNs, peer.idleNsMax(now));
        }
        return idleNs;
    }

    /** How many frames changed nothing, since they were not genuine, or of no session that is. Any thread. */
    public long foreignFrames() {
        return foreignFrames.sumAcquire();
    }

    /** Of those that there are; each may be asked by any thread. */
    public List<PeerMetrics> peerMetrics() {
        return Arrays.stream(peers).<PeerMetrics>map(Peer::gauges).toList();
    }

    /** Tells all peers, so that they need no time-out to find out. The transport is its owner's to close. */
    public void close(long now) {
        for (Peer peer : peers) {
            peer.leave(now);
        }
        peersById.clear();
        peers = new Peer[0];
    }
}
