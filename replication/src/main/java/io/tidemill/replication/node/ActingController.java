package io.tidemill.replication.node;

import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterCore;
import io.tidemill.replication.controller.ClusterEventLayout;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.replication.controller.ClusterRequest.Heartbeat;
import io.tidemill.replication.controller.Decision;
import io.tidemill.replication.controller.Refusal;
import io.tidemill.replication.link.Links;
import io.tidemill.replication.raft.Proposed.Accepted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides for the cluster, while this broker leads the metadata log: one request after the other, each when the one before is agreed
 * on.
 *
 * <p>Owned by the lane thread.
 */
final class ActingController {
    /** More are refused: brokers ask again. */
    private static final int QUEUED_MAX = 4_096;

    private record Asked(ClusterRequest request, Consumer<ClusterAnswer> listener) {}

    /** @param listener null if nobody asked */
    private record UnderWay(
            long index,
            long term,
            ClusterAnswer answer,
            @Nullable Consumer<ClusterAnswer> listener) {}

    private final ClusterCore core;
    private final MetadataLog log;
    private final Links links;
    private final Deque<Asked> queue = new ArrayDeque<>();
    private @Nullable UnderWay underWay;
    private boolean isActing;

    ActingController(ClusterCore core, MetadataLog log, Links links) {
        this.core = core;
        this.log = log;
        this.links = links;
    }

    /** Answers at once or later; not at all if the cluster cannot agree. */
    void onRequest(ClusterRequest request, Consumer<ClusterAnswer> listener, long nowNs) {
        if (!log.isLeading() || queue.size() >= QUEUED_MAX) {
            listener.accept(notController());
            return;
        }
        if (isActing && request instanceof Heartbeat heartbeat) {
            core.onHeard(heartbeat.brokerId(), heartbeat.brokerEpoch(), nowNs);
        }
        queue.add(new Asked(request, listener));
    }

    private static Refused notController() {
        return new Refused(Refusal.NOT_CONTROLLER, "this broker is not the controller, or has too much to do");
    }

    /** Everything up to that entry was agreed on, and replayed. */
    void onReplayed(long index, long term) {
        UnderWay done = underWay;
        if (done != null && done.index() <= index) {
            underWay = null;
            if (done.listener() != null) {
                done.listener().accept(done.index() == index && done.term() == term ? done.answer() : notController());
            }
        }
    }

    /** Decides what waits, or what time brings. */
    int doWork(long nowNs) {
        if (log.isActing() != isActing) {
            isActing = !isActing;
            if (isActing) {
                core.onElected(nowNs, brokerId -> links.heardNs(brokerId, nowNs));
            }
        }
        if (!isActing) {
            if (!log.isLeading()) {
                refuseAll();
            }
            return 0;
        }
        int work = 0;
        while (underWay == null && isActing && !queue.isEmpty()) {
            Asked asked = queue.remove();
            work++;
            decide(core.decide(asked.request(), nowNs), asked.listener(), nowNs);
        }
        if (underWay == null && core.quietNs(nowNs) <= 0) {
            decide(core.decideByTime(nowNs), null, nowNs);
        }
        return work;
    }

    private void decide(Decision decision, @Nullable Consumer<ClusterAnswer> listener, long nowNs) {
        if (decision.events().isEmpty()) {
            if (listener != null) {
                listener.accept(decision.answer());
            }
            return;
        }
        // Before it is proposed: where one broker is a majority, it is agreed on within the call.
        underWay = new UnderWay(log.nextIndex(), log.term(), decision.answer(), listener);
        if (!(log.propose(ClusterEventLayout.bytes(decision.events()), nowNs) instanceof Accepted)) {
            underWay = null;
            if (listener != null) {
                listener.accept(notController());
            }
        }
    }

    private void refuseAll() {
        while (!queue.isEmpty()) {
            queue.remove().listener().accept(notController());
        }
    }

    long idleNsMax(long nowNs) {
        return isActing && underWay == null ? core.quietNs(nowNs) : Long.MAX_VALUE;
    }
}
