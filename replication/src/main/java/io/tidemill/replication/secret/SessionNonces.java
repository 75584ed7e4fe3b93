package io.tidemill.replication.secret;

import java.nio.ByteBuffer;

/**
 * What makes a session of two brokers unlike every other one: a number of 128 bits of each side, drawn for this session.
 *
 * @param selfId the broker at this end
 * @param peerId the broker at the other
 * @param own drawn at this end
 * @param peers drawn at the other
 */
public record SessionNonces(int selfId, int peerId, Nonce own, Nonce peers) {
    /** Both numbers, in an order that both sides know. */
    static final int LENGTH = 2 * Nonce.LENGTH;

    /** What frames from here carry: other than what frames from there do, so that none is taken for its own answer. */
    public long idToPeer() {
        return id(own, peers);
    }

    /** What frames from there carry. */
    public long idFromPeer() {
        return id(peers, own);
    }

    private static long id(Nonce sender, Nonce receiver) {
        return mix(mix(sender.high() ^ mix(receiver.low())) + receiver.high()) ^ sender.low();
    }

    /** The last steps of splitmix64: every bit of the result depends on every bit of the value. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    byte[] bytes() {
        boolean isSelfFirst = selfId < peerId;
        Nonce first = isSelfFirst ? own : peers;
        Nonce second = isSelfFirst ? peers : own;
        return ByteBuffer.allocate(LENGTH)
                .putLong(first.high())
                .putLong(first.low())
                .putLong(second.high())
                .putLong(second.low())
                .array();
    }
}
