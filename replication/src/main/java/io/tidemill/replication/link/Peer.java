package io.tidemill.replication.link;

import io.tidemill.replication.secret.Nonce;
import io.tidemill.replication.secret.SessionNonces;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Another broker, and how a session with it comes about and ends.
 *
 * <p>Each side draws a nonce for the session that it will have next. Who has no session greets: "I am a". Who hears that
 * answers "I am b, you are a", and remembers nothing. Who hears its own next nonce knows that the other is there now and wants a
 * session, has one from then on, and says "I am a, you are b", until it hears something in that session. So a greeting that was
 * recorded or is late changes nothing: it has a nonce that nobody is waiting for. A peer that was started again does not know
 * the old session, and greets; the old one ends when the new one begins. Owned by the thread that polls.
 */
final class Peer {
    private static final long GREET_MIN_NS = 10_000_000;
    private static final long GREET_MAX_NS = 1_000_000_000;
    private static final int GREET_DOUBLINGS_MAX = 7;
    /** So that brokers that were started at once do not stay in step. */
    private static final int GREET_JITTER_FRACTION = 4;

    private final LinkHost host;
    private final int id;
    private final PeerGauges gauges;

    private Nonce next;
    private @Nullable Session session;
    private boolean isConnected;
    private boolean hadSession;
    /** In the last session that has ended. */
    private long formerlyHeardNs;

    private long greetNs;
    private int greetings;

    Peer(LinkHost host, int id, long nowNs) {
        this.host = host;
        this.id = id;
        this.gauges = new PeerGauges(id);
        this.next = Nonce.draw(host.random());
        this.greetNs = nowNs;
    }

    /** For any thread. */
    PeerGauges gauges() {
        return gauges;
    }

    boolean isConnected() {
        return isConnected;
    }

    /** When it was heard last; now if it never was, since nobody has listened for long. */
    long heardNs(long nowNs) {
        if (session != null) {
            return session.heardNs();
        }
        return hadSession ? formerlyHeardNs : nowNs;
    }

    boolean send(int channel, DirectBuffer head, int headLength, DirectBuffer body, int bodyIndex, int bodyLength) {
        return isConnected && session != null && session.send(channel, head, headLength, body, bodyIndex, bodyLength);
    }

    /** Takes a frame that its transport says is from this peer; returns how many messages were handed over, or that it is foreign. */
    int onFrame(DirectBuffer buffer, int index, int length, LinkHandler handler, long nowNs) {
        if (FrameLayout.type(buffer, index) == FrameLayout.TYPE_GREETING) {
            return onGreeting(buffer, index, length, handler, nowNs) ? 0 : Links.FOREIGN;
        }
        DirectBuffer frame = session == null ? null : session.open(buffer, index, length, nowNs);
        if (session == null || frame == null) {
            return Links.FOREIGN;
        }
        if (!isConnected) {
            isConnected = true;
            gauges.onConnected(true);
            handler.onConnected(id);
        }
        return session.onFrame(frame, handler, nowNs);
    }

    private boolean onGreeting(DirectBuffer buffer, int index, int length, LinkHandler handler, long nowNs) {
        if (length != GreetingLayout.LENGTH + host.protection().greetingTrailerBytes()
                || !host.protection().isGenuineGreeting(buffer, index, length)
                || GreetingLayout.fromId(buffer, index) != id
                || GreetingLayout.toId(buffer, index) != host.brokerId()
                || !GreetingLayout.hasWindows(buffer, index)) {
            return false;
        }
        if (GreetingLayout.isTo(buffer, index, Nonce.NONE)) {
            greet(next, GreetingLayout.own(buffer, index));
        } else if (GreetingLayout.isTo(buffer, index, next)) {
            begin(GreetingLayout.own(buffer, index), buffer, index, handler, nowNs);
        }
        return true;
    }

    private void begin(Nonce peers, DirectBuffer greeting, int index, LinkHandler handler, long nowNs) {
        int[] peerWindows = new int[Links.CHANNELS];
        for (int channel = 0; channel < Links.CHANNELS; channel++) {
            peerWindows[channel] = GreetingLayout.windowBytes(greeting, index, channel);
        }
        end(handler, nowNs);
        SessionNonces nonces = new SessionNonces(host.brokerId(), id, next, peers);
        session = new Session(
                nonces, host.protection().seal(nonces), host.settings(), peerWindows, host.output(), gauges, nowNs);
        next = Nonce.draw(host.random());
        greetNs = nowNs;
    }

    private void end(LinkHandler handler, long nowNs) {
        boolean wasConnected = isConnected;
        if (session != null) {
            hadSession = true;
            formerlyHeardNs = session.heardNs();
        }
        session = null;
        isConnected = false;
        gauges.onConnected(false);
        greetings = 0;
        greetNs = nowNs;
        if (wasConnected) {
            handler.onDisconnected(id);
        }
    }

    /** Ends what is over, and greets where that is due; returns how many frames were sent. */
    int onTick(LinkHandler handler, long nowNs) {
        if (session != null && session.isOver(nowNs)) {
            end(handler, nowNs);
        }
        if (!isGreeting() || nowNs - greetNs < 0) {
            return 0;
        }
        long pauseNs = Math.min(GREET_MIN_NS << Math.min(greetings, GREET_DOUBLINGS_MAX), GREET_MAX_NS);
        greetNs = nowNs + pauseNs + host.random().nextLong(pauseNs / GREET_JITTER_FRACTION);
        greetings++;
        if (session == null) {
            greet(next, Nonce.NONE);
        } else {
            greet(session.nonces().own(), session.nonces().peers());
        }
        return 1;
    }

    private boolean isGreeting() {
        return session == null || !session.isConfirmed();
    }

    /** The transport may refuse it; the next one will come. */
    private void greet(Nonce own, Nonce peers) {
        GreetingLayout.put(host.output().frame(), host.brokerId(), id, own, peers, host.settings());
        host.output().send(id, host.protection().sealGreeting(host.output().frame(), GreetingLayout.LENGTH));
    }

    int flush(long nowNs) {
        return session == null ? 0 : session.flush(nowNs);
    }

    void leave(long nowNs) {
        gauges.onConnected(false);
        if (session != null) {
            session.leave(nowNs);
        }
    }

    long idleNsMax(long nowNs) {
        long idleNs = session == null ? Long.MAX_VALUE : session.idleNsMax(nowNs);
        return isGreeting() ? Math.max(0, Math.min(idleNs, greetNs - nowNs)) : idleNs;
    }
}
