package io.tidemill.replication.controller;

import io.tidemill.replication.controller.ClusterAnswer.Refused;
import java.util.List;

/**
 * What a request comes to.
 *
 * @param events one entry of the metadata log; without any, nothing has to be agreed on
 * @param answer to be given when the events are replayed
 */
public record Decision(List<ClusterEvent> events, ClusterAnswer answer) {
    public Decision {
        events = List.copyOf(events);
    }

    static Decision of(ClusterAnswer answer) {
        return new Decision(List.of(), answer);
    }

    static Decision refused(Refusal refusal, String message) {
        return of(new Refused(refusal, message));
    }
}
