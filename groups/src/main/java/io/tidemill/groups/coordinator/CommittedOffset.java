package io.tidemill.groups.coordinator;

import java.util.UUID;

/**
 * How far a partition is read.
 *
 * @param topicId of the topic: one that was deleted and created again has another, and nobody has read that
 * @param offset of the next record
 * @param metadata whatever the member adds
 * @param timeMs when it was committed
 */
public record CommittedOffset(UUID topicId, long offset, String metadata, long timeMs) {}
