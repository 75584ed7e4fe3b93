package io.tidemill.replication.controller;

import java.util.UUID;

/** A partition of a topic, whatever that is called. */
public record PartitionId(UUID topicId, int index) {}
