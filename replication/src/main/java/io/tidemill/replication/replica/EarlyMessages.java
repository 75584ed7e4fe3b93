package io.tidemill.replication.replica;

import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What others say to the leader of an epoch that this broker has not heard of yet. They may know first who leads, by less than a
 * message's time; if what they say then were not heeded, they would ask again only after a pause, and everybody would wait for that.
 *
 * <p>Owned by the lane thread.
 */
final class EarlyMessages {
    /** Of one partition. The first batch for another leader travels alone; more than that may as well be sent again. */
    private static final int BYTES_MAX = 64 * 1024;

    private record Early(int fromId, int epoch, UnsafeBuffer bytes) {}

    /** Takes what is not early any more. */
    @FunctionalInterface
    interface Listener {
        void onMessage(int fromId, DirectBuffer bytes);
    }

    private final Deque<Early> messages = new ArrayDeque<>();
    private int keptBytes;

    /** Answers whether there was room. */
    boolean keep(int fromId, int epoch, DirectBuffer buffer, int index, int length) {
        if (keptBytes + length > BYTES_MAX) {
            return false;
        }
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[length]);
        bytes.putBytes(0, buffer, index, length);
        messages.add(new Early(fromId, epoch, bytes));
        keptBytes += length;
        return true;
    }

    /** This epoch is known now. Those of earlier ones are dropped: who sent them will hear of this one, and says all anew. */
    void onEpoch(int epoch, Listener listener) {
        for (int left = messages.size(); left > 0; left--) {
            Early message = messages.remove();
            if (message.epoch() > epoch) {
                messages.add(message);
                continue;
            }
            keptBytes -= message.bytes().capacity();
            if (message.epoch() == epoch) {
                listener.onMessage(message.fromId(), message.bytes());
            }
        }
    }

    /** What it has said is lost with the connection: it asks again. */
    void onDisconnected(int brokerId) {
        messages.removeIf(message -> message.fromId() == brokerId);
        keptBytes = messages.stream()
                .mapToInt(message -> message.bytes().capacity())
                .sum();
    }
}
