package io.tidemill.replication.controller;

import io.tidemill.errors.InvalidReplicationFactorException;
import io.tidemill.errors.InvalidTopicException;
import io.tidemill.errors.TopicExistsException;
import io.tidemill.errors.UnknownTopicOrPartitionException;

/** Why the controller does not do what it is asked for. By the names of Kafka's errors. */
public enum Refusal {
    BROKER_ID_NOT_REGISTERED,
    /** Another incarnation has that id now. */
    STALE_BROKER_EPOCH,
    /** Another incarnation has that id, and may live still. */
    DUPLICATE_BROKER_REGISTRATION,
    TOPIC_ALREADY_EXISTS,
    UNKNOWN_TOPIC_OR_PARTITION,
    INVALID_TOPIC,
    INVALID_PARTITIONS,
    /** There are not that many brokers that live. */
    INVALID_REPLICATION_FACTOR,
    INVALID_REPLICA_ASSIGNMENT,
    INVALID_CONFIG,
    INVALID_REQUEST,
    /** The asker knows more than this controller, which is none any more. */
    NOT_CONTROLLER,
    /** There is a newer leader epoch. */
    FENCED_LEADER_EPOCH,
    /** The partition has changed since. */
    INVALID_UPDATE_VERSION,
    /** One of them is fenced, stopping, or another incarnation. */
    INELIGIBLE_REPLICA,
    NO_REASSIGNMENT_IN_PROGRESS,
    /** It is not in sync. */
    PREFERRED_LEADER_NOT_AVAILABLE;

    /** As who uses a broker is told of it. */
    public RuntimeException exception(String message) {
        return switch (this) {
            case TOPIC_ALREADY_EXISTS -> new TopicExistsException(message);
            case UNKNOWN_TOPIC_OR_PARTITION -> new UnknownTopicOrPartitionException(message);
            case INVALID_TOPIC -> new InvalidTopicException(message);
            case INVALID_REPLICATION_FACTOR -> new InvalidReplicationFactorException(message);
            case INVALID_PARTITIONS, INVALID_CONFIG, INVALID_REPLICA_ASSIGNMENT, INVALID_REQUEST ->
                new IllegalArgumentException(message);
            default -> new IllegalStateException(message);
        };
    }
}
