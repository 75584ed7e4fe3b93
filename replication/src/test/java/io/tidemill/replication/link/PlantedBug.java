package io.tidemill.replication.link;

import io.tidemill.planted.Patch;
import io.tidemill.replication.secret.Protection;
import java.util.List;

/** What could be wrong with the links, as changes of their sources: a simulation is believed when it finds each of them. */
enum PlantedBug {
    FRAME_OF_AN_OLD_SESSION(
            in("Session", "SealLayout.sessionId(buffer, index) != nonces.idFromPeer()", "nowNs != nowNs")),
    NO_DUPLICATE_CHECK(
            in("ReceiveStream", "if (end <= received) {", "if (end <= ring.start() - length) {"),
            in("ReceiveStream", "if (start == received) {", "if (start <= received) {"),
            in("ReceiveStream", "(int) Math.max(0, received - position)", "0")),
    WINDOW_IGNORED(
            in("SendStream", "acked + Math.min(windowBytes, congestion.bytes()) - sent", "Long.MAX_VALUE / 2"),
            in("SendStream", "windowBytes / CHUNKS_PER_WINDOW_MIN", "bytesMax")),
    NAK_NEVER_REPEATED(in("ReceiveStream", "toldUntil > received && nowNs - repeatDeadlineNs >= 0", "nowNs != nowNs")),
    TAIL_NOT_TOLD(in("Session", "receiving[channel].onPeerSent(FrameLayout.statusSent(frame, channel), nowNs);", "")),
    SILENCE_NOT_BROKEN(
            in("SendStream", "return sent > acked && nowNs - answerDeadlineNs >= 0;", "return nowNs != nowNs;")),
    ACKNOWLEDGED_BEYOND_A_GAP(
            in("Session", "receiving[channel].received(),", "receiving[channel].known(),"),
            in(
                    "ReceiveStream",
                    "boolean isBroken() {",
                    "boolean isBroken() { return isBroken; } long known() { return known; } boolean wasBroken() {")),
    FREED_WHEN_SENT(in("SendStream", "ring.release(position);", "ring.release(sent);")),
    HANDED_OVER_BEFORE_IT_IS_WHOLE(in(
            "ReceiveStream", "received - position < SendStream.LENGTH_BYTES + length", "received - position < length")),
    RUN_AHEAD_FORGOTTEN(in("ReceiveStream", "received = ahead.end(0);", "received = ahead.end(0) + 1;")),
    RUNS_JOINED_TOO_FAR(in("Ranges", "ends[first - 1] >= start", "ends[first - 1] >= start - 1500")),
    RING_GROWS_WITHOUT_ITS_BYTES(in("ByteRing", "larger.putBytes(to, bytes, from, length);", "")),
    ACKNOWLEDGEMENT_BELIEVED_TOO_FAR(in("SendStream", "acked = position;", "acked = Math.min(sent, position + 1);")),
    GREETING_TO_ANYBODY(
            in("Peer", "GreetingLayout.isTo(buffer, index, next)", "GreetingLayout.own(buffer, index) != null")),
    NONCE_USED_TWICE(in("Peer", "next = Nonce.draw(host.random());\n        greetNs", "greetNs")),
    DEAD_PEER_NOT_NOTICED(in("Session", "|| nowNs - heardNs >= settings.peerTimeoutNs()", "")),
    NO_SIGN_OF_LIFE(in("Session", "|| nowNs - spokeNs >= settings.keepAliveNs()", "")),
    DAMAGE_NOT_SEEN(inProtection("Checksums", "== compute(buffer, index, length)", "!= 0x12345678 + 0 * length")),
    DISCONNECTION_NOT_TOLD(in("Peer", "if (wasConnected) {", "if (wasConnected && nowNs != nowNs) {")),
    GREETS_FOR_EVER(
            in("Peer", "return session == null || !session.isConfirmed();", "return nowNs() == 0;"),
            in(
                    "Peer",
                    "private boolean isGreeting() {",
                    "private long nowNs() { return 0; } private boolean isGreeting() {"));

    private final List<Patch> patches;

    PlantedBug(Patch... patches) {
        this.patches = List.of(patches);
    }

    private static Patch in(String className, String text, String replacement) {
        return patch(PlantedBug.class, className, text, replacement);
    }

    private static Patch inProtection(String className, String text, String replacement) {
        return patch(Protection.class, className, text, replacement);
    }

    private static Patch patch(Class<?> neighbour, String className, String text, String replacement) {
        return new Patch(neighbour.getPackageName() + "." + className, text, replacement);
    }

    List<Patch> patches() {
        return patches;
    }
}
