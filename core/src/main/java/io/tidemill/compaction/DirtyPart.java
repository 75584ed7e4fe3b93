package io.tidemill.compaction;

import io.tidemill.idempotence.ProducerStates;

/**
 * What a pass remembers of the part that was not compacted yet.
 *
 * @param lastOffsets of the keys in it
 * @param producers of the batches in it
 * @param endOffset exclusive; below it, {@code lastOffsets} knows every record that is no key's last one
 */
record DirtyPart(OffsetMap lastOffsets, ProducerStates producers, long endOffset) {}
