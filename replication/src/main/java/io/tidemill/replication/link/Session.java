package io.tidemill.replication.link;

import io.tidemill.replication.secret.SealLayout;
import io.tidemill.replication.secret.SessionNonces;
import io.tidemill.replication.secret.SessionSeal;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one incarnation of a peer and this one have in common until one of them ends: two channels, each a stream in each
 * direction. Owned by the thread that polls.
 */
final class Session {
    /** More at once would let nobody else send for too long, and overrun the peer's socket. */
    private static final int FRAMES_PER_FLUSH_MAX = 64;

    /** When a transport that took nothing is tried again. */
    private static final long REFUSED_NS = 200_000;

    private final SessionNonces nonces;
    private final SessionSeal seal;
    private final LinkSettings settings;
    private final FrameOutput output;
    private final SendStream[] sending = new SendStream[Links.CHANNELS];
    private final ReceiveStream[] receiving = new ReceiveStream[Links.CHANNELS];
    private final FrameSizeProbe probe;

    private long heardNs;
    private long spokeNs;
    private boolean isConfirmed;
    private boolean isLeft;
    private boolean isStatusWanted = true;
    /** The peer is silent, and shall answer. */
    private boolean isAsking;
    /** The transport takes nothing at the moment. */
    private boolean isRefused;
    /** More could have been sent, and will be with the next flush. */
    private boolean isCut;

    /**
     * @param peerWindows how much the peer takes ahead, by channel
     */
    Session(
            SessionNonces nonces,
            SessionSeal seal,
            LinkSettings settings,
            int[] peerWindows,
            FrameOutput output,
            PeerGauges gauges,
            long nowNs) {
        this.nonces = nonces;
        this.seal = seal;
        this.settings = settings;
        this.output = output;
        this.probe = new FrameSizeProbe(settings.safeFrameBytes(), output.frameBytesMax(), nowNs);
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            int windowBytes = settings.windowBytes(channel);
            sending[channel] = new SendStream(windowBytes, peerWindows[channel], probe.frameBytes(), gauges);
            receiving[channel] = new ReceiveStream(windowBytes);
        }
        this.heardNs = nowNs;
        this.spokeNs = nowNs;
    }

    SessionNonces nonces() {
        return nonces;
    }

    /** When the peer was heard last. */
    long heardNs() {
        return heardNs;
    }

    /** Whether the peer is known to have the session, too. */
    boolean isConfirmed() {
        return isConfirmed;
    }

    boolean isOver(long nowNs) {
        boolean isBroken = receiving[Links.CONTROL].isBroken() || receiving[Links.DATA].isBroken();
        return isLeft || isBroken || nowNs - heardNs >= settings.peerTimeoutNs();
    }

    boolean send(int channel, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
        return sending[channel].append(head, headLength, body, bodyIndex, bodyLength);
    }

    /** Whether the frame is of this session and genuine; then it counts as heard, and is what {@link #onFrame} wants. */
    @Nullable
    DirectBuffer open(DirectBuffer buffer, int index, int length, long nowNs) {
        if (SealLayout.sessionId(buffer, index) != nonces.idFromPeer()) {
            return null;
        }
        DirectBuffer frame = seal.open(buffer, index, length);
        if (frame != null) {
            heardNs = nowNs;
            isConfirmed = true;
        }
        return frame;
    }

    /** Takes a genuine frame; returns how many messages were handed over. */
    int onFrame(DirectBuffer frame, LinkHandler handler, long nowNs) {
        int length = frame.capacity();
        switch (FrameLayout.type(frame, 0)) {
            case FrameLayout.TYPE_DATA -> {
                int channel = FrameLayout.channel(frame);
                if (length > FrameLayout.DATA_BYTES && channel >= 0 && channel < Links.CHANNELS) {
                    return onData(channel, frame, handler, nowNs);
                }
            }
            case FrameLayout.TYPE_STATUS -> {
                if (length == FrameLayout.STATUS_LENGTH) {
                    onStatus(frame, nowNs);
                }
            }
            case FrameLayout.TYPE_NAK -> {
                int channel = FrameLayout.channel(frame);
                if (channel >= 0 && channel < Links.CHANNELS) {
                    onNak(channel, frame, nowNs);
                }
            }
            case FrameLayout.TYPE_PROBE -> {
                if (length >= FrameLayout.PROBED_LENGTH) {
                    sendProbed(FrameLayout.probeLength(frame), nowNs);
                }
            }
            case FrameLayout.TYPE_PROBED -> {
                if (length == FrameLayout.PROBED_LENGTH && probe.onArrived(FrameLayout.probeLength(frame), nowNs)) {
                    onFrameBytes();
                }
            }
            case FrameLayout.TYPE_BYE -> isLeft = true;
            default -> {
                // Of a later version, which would not use it before it knows that this one understands.
            }
        }
        return 0;
    }

    private int onData(int channel, DirectBuffer frame, LinkHandler handler, long nowNs) {
        sending[channel].onReceived(FrameLayout.dataReceived(frame), nowNs);
        ReceiveStream stream = receiving[channel];
        int length = frame.capacity() - FrameLayout.DATA_BYTES;
        stream.onChunk(FrameLayout.dataPosition(frame), frame, FrameLayout.DATA_BYTES, length, nowNs);
        return stream.deliver(nonces.peerId(), channel, handler);
    }

    private void onStatus(DirectBuffer frame, long nowNs) {
        // Where everything arrived, and the acknowledgement did not, nothing else would make it be sent again.
        isStatusWanted |= FrameLayout.channel(frame) == FrameLayout.STATUS_ASKS;
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            sending[channel].onReceived(FrameLayout.statusReceived(frame, channel), nowNs);
            receiving[channel].onPeerSent(FrameLayout.statusSent(frame, channel), nowNs);
        }
    }

    private void onNak(int channel, DirectBuffer frame, long nowNs) {
        int last = frame.capacity() - FrameLayout.GAP_LENGTH;
        for (int gap = FrameLayout.NAK_GAPS; gap <= last; gap += FrameLayout.GAP_LENGTH) {
            sending[channel].onGap(FrameLayout.gapPosition(frame, gap), FrameLayout.gapLength(frame, gap), nowNs);
        }
    }

    private void onFrameBytes() {
        for (SendStream stream : sending) {
            stream.onFrameBytes(probe.frameBytes());
        }
    }

    /** Sends what is due, the important first; returns how many frames. */
    int flush(long nowNs) {
        isRefused = false;
        isCut = false;
        lookForTrouble(nowNs);
        int frames = sendChunks(Links.CONTROL, nowNs);
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            frames += sendNak(channel, nowNs);
        }
        if (!isRefused && isStatusDue(nowNs)) {
            frames += sendStatus(nowNs);
        }
        if (isConfirmed && probe.isDue(nowNs) && probe.begin(nowNs)) {
            frames += sendProbe(nowNs);
        }
        return frames + sendChunks(Links.DATA, nowNs);
    }

    private void lookForTrouble(long nowNs) {
        for (SendStream stream : sending) {
            if (stream.isAnswerOverdue(nowNs)) {
                isAsking = true;
                stream.onSilence(nowNs);
            }
            if (stream.isSentInVain() && probe.isBeyondSafe()) {
                probe.fallBack(nowNs);
                onFrameBytes();
            }
        }
    }

    private int sendChunks(int channel, long nowNs) {
        SendStream stream = sending[channel];
        UnsafeBuffer frame = output.frame();
        int bytesMax = probe.frameBytes() - seal.trailerBytes() - FrameLayout.DATA_BYTES;
        int frames = 0;
        while (!isRefused && stream.nextChunk(bytesMax)) {
            if (frames == FRAMES_PER_FLUSH_MAX) {
                isCut = true;
                break;
            }
            FrameLayout.putHeader(frame, FrameLayout.TYPE_DATA, channel, nonces.idToPeer());
            FrameLayout.putData(frame, stream.chunkPosition(), receiving[channel].received());
            stream.copyChunk(frame, FrameLayout.DATA_BYTES);
            if (send(FrameLayout.DATA_BYTES + stream.chunkLength(), nowNs)) {
                stream.onChunkSent(nowNs);
                receiving[channel].onAckSent();
                frames++;
            }
        }
        return frames;
    }

    private int sendNak(int channel, long nowNs) {
        if (isRefused || !receiving[channel].isNakDue(nowNs)) {
            return 0;
        }
        UnsafeBuffer frame = output.frame();
        FrameLayout.putHeader(frame, FrameLayout.TYPE_NAK, channel, nonces.idToPeer());
        int bytesMax = probe.frameBytes() - seal.trailerBytes() - FrameLayout.NAK_GAPS;
        int bytes = receiving[channel].putGaps(frame, FrameLayout.NAK_GAPS, bytesMax, nowNs);
        // If it is refused, it is lost, and repeated as if it had been.
        return send(FrameLayout.NAK_GAPS + bytes, nowNs) ? 1 : 0;
    }

    private boolean isStatusDue(long nowNs) {
        return isStatusWanted
                || isAsking
                || receiving[Links.CONTROL].isAckDue(nowNs)
                || receiving[Links.DATA].isAckDue(nowNs)
                || nowNs - spokeNs >= settings.keepAliveNs();
    }

    private int sendStatus(long nowNs) {
        UnsafeBuffer frame = output.frame();
        int question = isAsking ? FrameLayout.STATUS_ASKS : FrameLayout.STATUS_TELLS;
        FrameLayout.putHeader(frame, FrameLayout.TYPE_STATUS, question, nonces.idToPeer());
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            FrameLayout.putStatus(frame, channel, receiving[channel].received(), sending[channel].sent());
        }
        if (!send(FrameLayout.STATUS_LENGTH, nowNs)) {
            return 0;
        }
        isStatusWanted = false;
        isAsking = false;
        for (ReceiveStream stream : receiving) {
            stream.onAckSent();
        }
        return 1;
    }

    private int sendProbe(long nowNs) {
        UnsafeBuffer frame = output.frame();
        int length = probe.probeBytes() - seal.trailerBytes();
        FrameLayout.putHeader(frame, FrameLayout.TYPE_PROBE, 0, nonces.idToPeer());
        frame.setMemory(FrameLayout.PROBE_LENGTH, length - FrameLayout.PROBE_LENGTH, (byte) 0);
        FrameLayout.putProbeLength(frame, probe.probeBytes());
        boolean wasRefused = isRefused;
        boolean isSent = send(length, nowNs);
        // Too long for the way to this peer, perhaps; that says nothing about others.
        isRefused = wasRefused;
        return isSent ? 1 : 0;
    }

    private void sendProbed(int bytes, long nowNs) {
        UnsafeBuffer frame = output.frame();
        FrameLayout.putHeader(frame, FrameLayout.TYPE_PROBED, 0, nonces.idToPeer());
        FrameLayout.putProbeLength(frame, bytes);
        send(FrameLayout.PROBED_LENGTH, nowNs);
    }

    /** Tells the peer, which may or may not hear it, that this session is over. */
    void leave(long nowNs) {
        FrameLayout.putHeader(output.frame(), FrameLayout.TYPE_BYE, 0, nonces.idToPeer());
        send(FrameLayout.BYE_LENGTH, nowNs);
    }

    private boolean send(int length, long nowNs) {
        boolean isSent = output.send(nonces.peerId(), seal, length);
        if (isSent) {
            spokeNs = nowNs;
        } else {
            isRefused = true;
        }
        return isSent;
    }

    /** How long the session may be left alone if nothing comes and nothing is sent. */
    long idleNsMax(long nowNs) {
        if (isRefused) {
            return REFUSED_NS;
        }
        if (isCut || isStatusWanted || isAsking) {
            return 0;
        }
        long idleNs = Math.min(spokeNs + settings.keepAliveNs() - nowNs, heardNs + settings.peerTimeoutNs() - nowNs);
        if (isConfirmed) {
            idleNs = Math.min(idleNs, probe.idleNsMax(nowNs));
        }
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            idleNs = Math.min(idleNs, sending[channel].idleNsMax(nowNs));
            idleNs = Math.min(idleNs, receiving[channel].idleNsMax(nowNs));
        }
        return Math.max(0, idleNs);
    }
}
