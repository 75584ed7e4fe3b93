package io.tidemill.replication.link;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One channel of a session, outwards: a stream of bytes, kept until the peer has them.
 *
 * <pre>
 *   acked ........ sent ........ end
 *     | under way   | waits       |     all of it in the ring
 * </pre>
 *
 * What goes into a frame is the next chunk: first what the peer misses, then what waits, as far as the peer's window and congestion
 * let it. Nothing is sent again unless the peer asks; where it stays silent, it is told how far this stream was sent, and then knows
 * what to ask for. Owned by the thread that has the session.
 */
final class SendStream {
    static final int LENGTH_BYTES = Integer.BYTES;

    /** More gaps than a peer tells of at a time. */
    private static final int RESENDS_MAX = 256;

    /** A frame carries a part of the window at most, so that the next ones leave before it is acknowledged. */
    private static final int CHUNKS_PER_WINDOW_MIN = 4;

    private static final long NOT_TIMED = -1;

    /** So often in vain, and what is under way has got lost. */
    private static final int SILENCES_MAX = 3;

    /** More often than the same bytes get lost on a way that loses one frame in ten. */
    private static final int RESENDS_IN_VAIN_MAX = 5;

    private final int messageBytesMax;
    private final long windowBytes;
    private final ByteRing ring;
    private final Ranges resends = new Ranges(RESENDS_MAX);
    private final CongestionWindow congestion;
    private final RoundTrip roundTrip = new RoundTrip();
    private final PeerGauges gauges;

    private long acked;
    private long sent;
    private long end;

    private long chunkPosition;
    private int chunkLength;

    /** When this position is acknowledged, a round trip is over. */
    private long timedPosition = NOT_TIMED;

    private long timedSinceNs;

    /** Counts only while something is under way. */
    private long answerDeadlineNs;

    private int silences;
    /** How often the first bytes that are under way were sent again. */
    private int resendsOfFirst;

    /**
     * @param ownWindowBytes bounds what is kept here
     * @param peerWindowBytes how much the peer takes ahead
     */
    SendStream(int ownWindowBytes, int peerWindowBytes, int frameBytes, PeerGauges gauges) {
        this.gauges = gauges;
        this.messageBytesMax = Math.min(ownWindowBytes, peerWindowBytes) - LENGTH_BYTES;
        this.windowBytes = peerWindowBytes;
        this.ring = new ByteRing(2 * ownWindowBytes);
        this.congestion = new CongestionWindow(peerWindowBytes, frameBytes);
    }

    long sent() {
        return sent;
    }

    /** Whether the peer answers, and does not get what it asks for. */
    boolean isSentInVain() {
        return resendsOfFirst >= RESENDS_IN_VAIN_MAX;
    }

    void onFrameBytes(int frameBytes) {
        resendsOfFirst = 0;
        congestion.onFrameBytes(frameBytes);
    }

    /** Takes a message to send, which is a head from index 0 on and a body behind it; false if there is no room. */
    boolean append(DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
        int length = headLength + bodyLength;
        if (length > messageBytesMax) {
            throw new IllegalArgumentException("message exceeds what both brokers' windows let through: messageBytes="
                    + length + ", messageBytesMax=" + messageBytesMax);
        }
        if (end + LENGTH_BYTES + length > ring.limit()) {
            return false;
        }
        ring.putInt(end, length);
        ring.put(end + LENGTH_BYTES, head, 0, headLength);
        ring.put(end + LENGTH_BYTES + headLength, body, bodyIndex, bodyLength);
        end += LENGTH_BYTES + length;
        return true;
    }

    /** Finds out what to send next, and whether there is something. */
    boolean nextChunk(int bytesMax) {
        if (resends.isEmpty()) {
            chunkPosition = sent;
            chunkLength = newChunkLength((int) Math.min(bytesMax, windowBytes / CHUNKS_PER_WINDOW_MIN));
        } else {
            chunkPosition = resends.start(0);
            chunkLength = (int) Math.min(bytesMax, resends.end(0) - chunkPosition);
        }
        return chunkLength > 0;
    }

    private int newChunkLength(int bytesMax) {
        long waits = end - sent;
        long allowed = acked + Math.min(windowBytes, congestion.bytes()) - sent;
        int length = (int) Math.max(0, Math.min(bytesMax, Math.min(waits, allowed)));
        // A window that opens byte by byte would make frames of bytes.
        boolean isCutByWindow = length < bytesMax && length < waits && sent > acked;
        return isCutByWindow ? 0 : length;
    }

    long chunkPosition() {
        return chunkPosition;
    }

    int chunkLength() {
        return chunkLength;
    }

    void copyChunk(MutableDirectBuffer target, int index) {
        ring.get(chunkPosition, target, index, chunkLength);
    }

    void onChunkSent(long nowNs) {
        if (sent == acked) {
            awaitAnswer(nowNs);
        }
        long chunkEnd = chunkPosition + chunkLength;
        if (chunkPosition < sent) {
            resends.removeBelow(chunkEnd);
            gauges.onResent();
            if (chunkPosition == acked) {
                resendsOfFirst++;
            }
        } else {
            sent = chunkEnd;
            if (timedPosition == NOT_TIMED) {
                timedPosition = sent;
                timedSinceNs = nowNs;
            }
        }
    }

    /** The peer has everything in front of a position. */
    void onReceived(long position, long nowNs) {
        if (position <= acked || position > sent) {
            return;
        }
        boolean isUsed = sent - acked >= congestion.bytes() / 2;
        congestion.onAcked(position - acked, isUsed);
        acked = position;
        ring.release(position);
        resends.removeBelow(position);
        if (timedPosition != NOT_TIMED && position >= timedPosition) {
            roundTrip.onSample(nowNs - timedSinceNs);
            gauges.onRoundTrip(roundTrip.smoothedNs());
            timedPosition = NOT_TIMED;
        }
        silences = 0;
        resendsOfFirst = 0;
        awaitAnswer(nowNs);
    }

    /** The peer misses something. */
    void onGap(long position, long length, long nowNs) {
        long from = Math.max(position, acked);
        long to = Math.min(position + length, sent);
        // Where there are too many, the peer will ask again.
        if (from < to && resends.add(from, to)) {
            congestion.onLost(to - from);
            // What arrives from now on may have been sent twice.
            timedPosition = NOT_TIMED;
            silences = 0;
            awaitAnswer(nowNs);
        }
    }

    private void awaitAnswer(long nowNs) {
        answerDeadlineNs = nowNs + roundTrip.timeoutNs(silences);
    }

    /** Whether the peer should have said something about what is under way. */
    boolean isAnswerOverdue(long nowNs) {
        return sent > acked && nowNs - answerDeadlineNs >= 0;
    }

    /** It will be told how far this stream was sent. */
    void onSilence(long nowNs) {
        silences++;
        if (silences >= SILENCES_MAX) {
            congestion.onSilence();
        }
        awaitAnswer(nowNs);
    }

    long idleNsMax(long nowNs) {
        return sent > acked ? answerDeadlineNs - nowNs : Long.MAX_VALUE;
    }
}
