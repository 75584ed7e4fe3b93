package io.tidemill.replication.node;

import io.tidemill.replication.controller.ClusterAnswer;
import io.tidemill.replication.controller.ClusterAnswer.Refused;
import io.tidemill.replication.controller.ClusterRequest;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.function.Supplier;

/** What callers want the controller to decide, or this broker to tell, and wait for. Any thread, but none of the broker's own. */
final class ControllerCalls {
    private final ClusterTopics.Controller controller;
    private final CallerWait callerWait;
    private final Duration timeout;

    ControllerCalls(ClusterTopics.Controller controller, CallerWait callerWait, Duration timeout) {
        this.controller = controller;
        this.callerWait = callerWait;
        this.timeout = timeout;
    }

    /** @throws io.tidemill.errors.UnansweredException when it may be decided or not */
    ClusterAnswer ask(ClusterRequest request) {
        CallerQuestion<ClusterAnswer> question = new CallerQuestion<>(callerWait);
        controller.ask(request, question.listener());
        return question.await(
                timeout, "the cluster's controller has not answered, and may do it or not: request=" + request);
    }

    /** The same, where a refusal is thrown. */
    ClusterAnswer require(ClusterRequest request) {
        ClusterAnswer answer = ask(request);
        requireNotRefused(answer);
        return answer;
    }

    /** What this broker knows, from its lane thread. */
    <T> T known(Supplier<T> answer) {
        CallerQuestion<T> question = new CallerQuestion<>(callerWait);
        controller.onLane(() -> question.listener().accept(answer.get()));
        return question.await(timeout, "the broker did not say what it knows of the cluster");
    }

    /** Until the cluster counts on this broker, or for as long as {@code patience} says. */
    void untilReady(Duration patience) {
        callerWait.until(controller::isReady, patience, null);
    }

    static void requireNotRefused(ClusterAnswer answer) {
        if (answer instanceof Refused refused) {
            throw refused.refusal().exception(refused.message());
        }
    }
}
