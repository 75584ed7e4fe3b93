package io.tidemill.replication.replica;

import io.tidemill.lane.Partition;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Reads a partition that is not kept here, or not whole yet, from its leader, for the cursors of a {@link RemoteLog}. First of all it asks the leader to
 * tell where the log begins and how far it is committed, and again until it does; from then on, under this leader epoch and as long
 * as both stay connected, whatever is asked is answered. When that ends, everything is asked anew.
 *
 * <p>Owned by the lane thread.
 */
final class Reading {
    private final ReplicaSender sender;
    private final Partition partition;
    private final RemoteLog log;
    private final long askAgainNs;
    private int leaderId;
    private int epoch;
    private boolean hasLeader;
    /** How many want to know. */
    private int watching;
    /** Whether the leader may have been asked to tell. */
    private boolean isAsked;

    private long askedNs;
    /** Whether the leader tells. */
    private boolean isTold;

    private final Deque<RemoteFetch> unsent = new ArrayDeque<>();
    private final Long2ObjectHashMap<RemoteFetch> sent = new Long2ObjectHashMap<>();
    private long fetches;

    Reading(ReplicaPlace place, RemoteLog log) {
        this.sender = place.sender();
        this.partition = place.partition();
        this.log = log;
        this.askAgainNs = place.settings().askAgainNs();
        log.bind(partition, this);
    }

    // ---- what readers want

    void onWatched() {
        if (watching == 0) {
            isAsked = false;
        }
        watching++;
    }

    void onUnwatched() {
        watching--;
        if (watching == 0) {
            setTold(false);
        }
    }

    void onFetch(RemoteFetch fetch) {
        unsent.add(fetch);
    }

    void onForgotten(RemoteFetch fetch) {
        unsent.remove(fetch);
        sent.values().remove(fetch);
    }

    // ---- who leads, and what it says

    void onLeader(boolean isThere, int newLeaderId, int newEpoch) {
        hasLeader = isThere;
        leaderId = newLeaderId;
        epoch = newEpoch;
        askAnew();
    }

    void onDisconnected(int brokerId) {
        if (brokerId == leaderId) {
            askAnew();
        }
    }

    private void askAnew() {
        setTold(false);
        isAsked = false;
        unsent.addAll(sent.values());
        sent.clear();
    }

    private void setTold(boolean isNowTold) {
        isTold = isNowTold;
        log.onCurrent(isNowTold);
    }

    boolean hears(int fromId, int ofEpoch) {
        return hasLeader && fromId == leaderId && ofEpoch == epoch;
    }

    void onMessage(DirectBuffer buffer, int message, int body, int bodyLength) {
        if (ReplicaMessageLayout.kind(buffer, message) == ReplicaMessageLayout.BOUNDS) {
            onBounds(
                    ReplicaMessageLayout.code(buffer, message) == ReplicaMessageLayout.CAUGHT_UP,
                    ReplicaMessageLayout.detail(buffer, message),
                    ReplicaMessageLayout.offset(buffer, message),
                    ReplicaMessageLayout.end(buffer, message));
        } else {
            onFetched(
                    ReplicaMessageLayout.attempt(buffer, message),
                    ReplicaMessageLayout.code(buffer, message) == ReplicaMessageLayout.READ,
                    buffer,
                    body,
                    bodyLength);
        }
    }

    private void onBounds(boolean isCaughtUp, long startOffset, long highWatermark, long endOffset) {
        if (watching == 0 || log.isLeft()) {
            return;
        }
        long known = partition.committedAcquire();
        // A new leader may not know yet how much is committed. But what its log has not, was lost, and is not
        // committed.
        long committed = endOffset < known ? highWatermark : Math.max(known, highWatermark);
        log.onStart(startOffset);
        partition.committedRelease(committed);
        setTold(true);
        if (isCaughtUp) {
            partition.onCaughtUp();
        }
        partition.signalWaiting();
    }

    private void onFetched(long number, boolean isRead, DirectBuffer buffer, int index, int length) {
        RemoteFetch fetch = sent.remove(number);
        if (fetch == null) {
            return;
        }
        if (isRead) {
            fetch.onBatches(buffer, index, length);
        } else {
            fetch.onFailed();
        }
        partition.signalWaiting();
    }

    // ---- from time to time

    /** Asks what is to be asked. Answers whether there was something. */
    int doWork(long nowNs) {
        if (!hasLeader) {
            return 0;
        }
        if (watching == 0 || log.isLeft()) {
            return isAsked ? unwatch() : 0;
        }
        if (!isTold) {
            return isAsked && nowNs - askedNs < askAgainNs ? 0 : watch(nowNs);
        }
        int work = 0;
        for (RemoteFetch fetch = unsent.peek(); fetch != null; fetch = unsent.peek()) {
            long number = fetches + 1;
            if (!sender.fetch(leaderId, epoch, number, fetch.offset())) {
                break;
            }
            fetches = number;
            unsent.poll();
            sent.put(number, fetch);
            work++;
        }
        return work;
    }

    private int watch(long nowNs) {
        if (!sender.watch(leaderId, epoch)) {
            return 0;
        }
        isAsked = true;
        askedNs = nowNs;
        return 1;
    }

    private int unwatch() {
        isAsked = !sender.unwatch(leaderId, epoch);
        return isAsked ? 0 : 1;
    }
}
