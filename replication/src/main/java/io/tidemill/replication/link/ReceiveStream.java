package io.tidemill.replication.link;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One channel of a session, inwards: puts the stream together from chunks that come in any order and any number of times, hands over
 * messages as soon as they are whole, and tells what is missing.
 *
 * <pre>
 *   delivered ......... received .... gap .... ahead ... gap ... known
 *     | begun message     |                     |                  | the peer has sent so far
 * </pre>
 *
 * Gaps are told when they are seen, each once; then all of them again, at longer and longer intervals, as long as the
 * first of them stays. Owned by the thread that has the session.
 */
final class ReceiveStream {
    /** More runs of frames than are under way between losses; where there are more, frames are dropped and sent again. */
    private static final int RUNS_AHEAD_MAX = 256;

    /** Frames that overtook each other by less do not count as lost. */
    private static final long GAP_PATIENCE_NS = 50_000;

    /** How long it may take until an acknowledgement is worth a frame of its own, and how much makes it so at once. */
    private static final long ACK_DELAY_NS = 1_000_000;

    private static final int ACK_BYTES_MAX = 32 * 1024;
    private static final int ACKS_PER_WINDOW_MIN = 8;

    private static final int GAPS_PER_FRAME_MAX = 64;

    private final int messageBytesMax;
    private final int ackBytes;
    /** Twice the window: a message that is not whole yet, and a window behind it. */
    private final ByteRing ring;

    private final Ranges ahead = new Ranges(RUNS_AHEAD_MAX);
    private final RoundTrip repair = new RoundTrip();

    private long received;
    private long known;
    private boolean isBroken;

    private long ackedToPeer;
    private long unackedSinceNs;
    private boolean isAckWanted;

    /** Gaps in front of this were told. */
    private long toldUntil;

    private boolean hasNewGap;
    private long newGapSinceNs;
    private long firstToldPosition;
    private long firstToldNs;
    private long repeatDeadlineNs;
    private int repeats;

    ReceiveStream(int windowBytes) {
        this.messageBytesMax = windowBytes - SendStream.LENGTH_BYTES;
        this.ackBytes = Math.min(ACK_BYTES_MAX, windowBytes / ACKS_PER_WINDOW_MIN);
        this.ring = new ByteRing(2 * windowBytes);
    }

    long received() {
        return received;
    }

    /** The stream is no stream of messages, or its sender goes beyond what it may: nothing can be done with it any more. */
    boolean isBroken() {
        return isBroken;
    }

    void onChunk(long position, DirectBuffer buffer, int index, int length, long nowNs) {
        long end = position + length;
        if (position < 0 || end > ring.limit()) {
            isBroken = true;
            return;
        }
        if (end <= received) {
            // Perhaps the acknowledgement was lost.
            isAckWanted = true;
            return;
        }
        int old = (int) Math.max(0, received - position);
        long start = position + old;
        if (start == received) {
            ring.put(start, buffer, index + old, length - old);
            advanceTo(end, nowNs);
        } else if (ahead.add(start, end)) {
            ring.put(start, buffer, index, length);
        }
        onPeerSent(end, nowNs);
    }

    private void advanceTo(long position, long nowNs) {
        if (received == ackedToPeer) {
            unackedSinceNs = nowNs;
        }
        received = position;
        ahead.removeBelow(received);
        if (!ahead.isEmpty() && ahead.start(0) == received) {
            received = ahead.end(0);
            ahead.removeBelow(received);
        }
        if (toldUntil > 0 && received > firstToldPosition) {
            onFirstGapFilled(nowNs);
        }
    }

    private void onFirstGapFilled(long nowNs) {
        if (repeats == 0) {
            repair.onSample(nowNs - firstToldNs);
        }
        repeats = 0;
        if (received >= toldUntil) {
            toldUntil = 0;
        } else {
            firstToldPosition = received;
            repeatDeadlineNs = nowNs + repair.timeoutNs(0);
        }
    }

    /** The peer has sent everything in front of a position, though it may not have arrived. */
    void onPeerSent(long position, long nowNs) {
        // What the peer says beyond what it may, no gap is made of.
        known = Math.max(known, Math.min(position, ring.limit()));
        lookForNewGap(nowNs);
    }

    private void lookForNewGap(long nowNs) {
        boolean hadNewGap = hasNewGap;
        hasNewGap = lastGapEnd() > Math.max(received, toldUntil);
        if (hasNewGap && !hadNewGap) {
            newGapSinceNs = nowNs;
        }
    }

    private long lastGapEnd() {
        int last = ahead.count() - 1;
        return last >= 0 && ahead.end(last) == known ? ahead.start(last) : known;
    }

    /** Hands over what is whole; returns how many messages. */
    int deliver(int peerId, int channel, LinkHandler handler) {
        int messages = 0;
        while (received - ring.start() >= SendStream.LENGTH_BYTES) {
            long position = ring.start();
            int length = ring.getInt(position);
            if (length < 0 || length > messageBytesMax) {
                isBroken = true;
                break;
            }
            if (received - position < SendStream.LENGTH_BYTES + length) {
                break;
            }
            DirectBuffer message = ring.view(position + SendStream.LENGTH_BYTES, length);
            // First, as the handler may throw, and no message comes twice.
            ring.release(position + SendStream.LENGTH_BYTES + length);
            handler.onMessage(peerId, channel, message, 0, length);
            messages++;
        }
        return messages;
    }

    boolean isAckDue(long nowNs) {
        long unacked = received - ackedToPeer;
        return isAckWanted || unacked >= ackBytes || (unacked > 0 && nowNs - unackedSinceNs >= ACK_DELAY_NS);
    }

    /** The peer was told what was received. */
    void onAckSent() {
        ackedToPeer = received;
        isAckWanted = false;
    }

    boolean isNakDue(long nowNs) {
        return received < known && (isNewGapDue(nowNs) || isRepeatDue(nowNs));
    }

    private boolean isNewGapDue(long nowNs) {
        return hasNewGap && nowNs - newGapSinceNs >= GAP_PATIENCE_NS;
    }

    private boolean isRepeatDue(long nowNs) {
        return toldUntil > received && nowNs - repeatDeadlineNs >= 0;
    }

    /**
     * Writes what is missing: all of it if it is time to repeat it, otherwise what was not told yet.
     *
     * @param bytesMax how much room there is
     * @return how many bytes; none if what was missing has come
     */
    int putGaps(MutableDirectBuffer frame, int index, int bytesMax, long nowNs) {
        long told = isRepeatDue(nowNs) ? received : Math.max(received, toldUntil);
        int end = index;
        int last = index + Math.min(bytesMax, GAPS_PER_FRAME_MAX * FrameLayout.GAP_LENGTH) - FrameLayout.GAP_LENGTH;
        for (int run = 0; run <= ahead.count() && end <= last; run++) {
            long gapStart = Math.max(told, run == 0 ? received : ahead.end(run - 1));
            long gapEnd = run == ahead.count() ? known : ahead.start(run);
            if (gapStart < gapEnd) {
                FrameLayout.putGap(frame, end, gapStart, (int) (gapEnd - gapStart));
                end += FrameLayout.GAP_LENGTH;
                told = gapEnd;
            }
        }
        onTold(told, nowNs);
        return end - index;
    }

    private void onTold(long told, long nowNs) {
        if (toldUntil <= received) {
            repeats = 0;
            firstToldPosition = received;
            firstToldNs = nowNs;
            repeatDeadlineNs = nowNs + repair.timeoutNs(0);
        } else if (isRepeatDue(nowNs)) {
            repeats++;
            repeatDeadlineNs = nowNs + repair.timeoutNs(repeats);
        }
        toldUntil = Math.max(told, toldUntil);
        lookForNewGap(nowNs);
    }

    long idleNsMax(long nowNs) {
        long idleNs = Long.MAX_VALUE;
        if (received > ackedToPeer) {
            idleNs = unackedSinceNs + ACK_DELAY_NS - nowNs;
        }
        if (hasNewGap) {
            idleNs = Math.min(idleNs, newGapSinceNs + GAP_PATIENCE_NS - nowNs);
        }
        if (toldUntil > received) {
            idleNs = Math.min(idleNs, repeatDeadlineNs - nowNs);
        }
        return idleNs;
    }
}
