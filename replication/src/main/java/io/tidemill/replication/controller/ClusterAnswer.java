package io.tidemill.replication.controller;

import java.util.List;
import java.util.UUID;

/** What the controller says. */
public sealed interface ClusterAnswer {
    /** It is so. */
    record Done() implements ClusterAnswer {}

    record Registered(long brokerEpoch) implements ClusterAnswer {}

    /** @param mayStop whether it leads nothing, and everybody who lives knows that; a fenced one may stop at once */
    record Heard(boolean isFenced, boolean mayStop) implements ClusterAnswer {}

    record Created(UUID topicId) implements ClusterAnswer {}

    /** It is so, but for these. */
    record DoneExcept(List<RefusedPartition> refused) implements ClusterAnswer {
        public DoneExcept {
            refused = List.copyOf(refused);
        }
    }

    record RefusedPartition(PartitionId id, Refusal refusal) {}

    record ProducerIds(long firstId, int count) implements ClusterAnswer {}

    /** @param message the fact and its values */
    record Refused(Refusal refusal, String message) implements ClusterAnswer {}
}
