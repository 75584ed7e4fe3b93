package io.tidemill.replication.node;

import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.replication.controller.ControllerMessageLayout;
import io.tidemill.replication.controller.Refusal;
import io.tidemill.replication.raft.Ballot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/**
 * Asks the controller, wherever it is, and again as long as it does not answer. So a request may be decided twice; an answer is
 * given once, and only when this broker knows of metadata what the controller knew.
 *
 * <p>Owned by the lane thread.
 */
final class ControllerClient {
    private final int selfId;
    private final ControlLinks links;
    private final MetadataLog log;
    private final ActingController acting;
    private final ClusterCore core;
    private final long askAgainNs;
    private final Map<Long, Asking> open = new LinkedHashMap<>();
    private long lastId;

    /** Of those answers that this broker's metadata does not come up to yet. */
    private record Early(long metadataEpoch, Asking asking, ClusterAnswer answer) {}

    /** Hears what the controller says. */
    interface Listener {
        /** @param isLast whether no other copy of the request can be decided later */
        void onAnswer(ClusterAnswer answer, boolean isLast);
    }

    private final List<Early> early = new ArrayList<>();

    private static final class Asking {
        private final long id;
        private final ClusterRequest request;
        private final Listener listener;
        private int copies;
        private int askedId = Ballot.NOBODY;
        private long notBeforeNs;
        private boolean isLimited;
        private long untilNs;

        Asking(long id, ClusterRequest request, Listener listener, long nowNs) {
            this.id = id;
            this.request = request;
            this.listener = listener;
            this.notBeforeNs = nowNs;
        }

        void tell(ClusterAnswer answer) {
            listener.onAnswer(answer, copies == 1);
        }
    }

    ControllerClient(
            int selfId,
            ControlLinks links,
            MetadataLog log,
            ActingController acting,
            ClusterCore core,
            long askAgainNs) {
        this.selfId = selfId;
        this.links = links;
        this.log = log;
        this.acting = acting;
        this.core = core;
        this.askAgainNs = askAgainNs;
    }

    /** Asks until there is an answer. */
    void ask(ClusterRequest request, Consumer<ClusterAnswer> listener, long nowNs) {
        ask(request, (answer, isLast) -> listener.accept(answer), nowNs);
    }

    /** The same, for whom it makes a difference whether what was refused may be done yet. */
    void ask(ClusterRequest request, Listener listener, long nowNs) {
        add(new Asking(++lastId, request, listener, nowNs), nowNs);
    }

    /** The same, but not longer than that; then what was asked for may have come about, and nobody is told. */
    void askUntil(long untilNs, ClusterRequest request, Consumer<ClusterAnswer> listener, long nowNs) {
        Asking asking = new Asking(++lastId, request, (answer, isLast) -> listener.accept(answer), nowNs);
        asking.isLimited = true;
        asking.untilNs = untilNs;
        add(asking, nowNs);
    }

    private void add(Asking asking, long nowNs) {
        open.put(asking.id, asking);
        trySend(asking, nowNs);
    }

    private boolean trySend(Asking asking, long nowNs) {
        int leaderId = log.leaderId();
        if (leaderId == Ballot.NOBODY) {
            return false;
        }
        asking.askedId = leaderId;
        asking.notBeforeNs = nowNs + askAgainNs;
        if (leaderId == selfId) {
            asking.copies++;
            acting.onRequest(asking.request, answer -> onAnswer(asking.id, core.metadataEpoch(), answer, nowNs), nowNs);
            return true;
        }
        boolean isSent = links.request(leaderId, asking.id, asking.request);
        asking.copies += isSent ? 1 : 0;
        return isSent;
    }

    void onAnswer(DirectBuffer buffer, int index, int length, long nowNs) {
        ClusterAnswer answer = ControllerMessageLayout.answer(ControlMessageLayout.content(buffer, index, length));
        onAnswer(ControlMessageLayout.id(buffer, index), ControlMessageLayout.epoch(buffer, index), answer, nowNs);
    }

    private void onAnswer(long id, long metadataEpoch, ClusterAnswer answer, long nowNs) {
        Asking asking = open.get(id);
        if (asking == null) {
            return;
        }
        if (answer instanceof Refused refused && refused.refusal() == Refusal.NOT_CONTROLLER) {
            asking.notBeforeNs = nowNs + askAgainNs;
            return;
        }
        open.remove(id);
        if (core.metadataEpoch() >= metadataEpoch) {
            asking.tell(answer);
        } else {
            early.add(new Early(metadataEpoch, asking, answer));
        }
    }

    /** This broker's metadata is newer than before. */
    void onReplayed() {
        if (!early.isEmpty()) {
            List<Early> due = early.stream()
                    .filter(one -> core.metadataEpoch() >= one.metadataEpoch())
                    .toList();
            early.removeAll(due);
            due.forEach(one -> one.asking().tell(one.answer()));
        }
    }

    void onDisconnected(int brokerId, long nowNs) {
        for (Asking asking : open.values()) {
            if (asking.askedId == brokerId) {
                asking.notBeforeNs = nowNs;
            }
        }
    }

    /** Asks again what was not answered. */
    int doWork(long nowNs) {
        int work = 0;
        if (!open.isEmpty()) {
            open.values().removeIf(asking -> asking.isLimited && nowNs - asking.untilNs >= 0);
            for (Asking asking : List.copyOf(open.values())) {
                boolean isLeaderNew = log.leaderId() != Ballot.NOBODY && log.leaderId() != asking.askedId;
                if (isLeaderNew || nowNs - asking.notBeforeNs >= 0) {
                    work += trySend(asking, nowNs) ? 1 : 0;
                }
            }
        }
        return work;
    }
}
