package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.Map;
import java.util.UUID;

/**
 * Keeps how far a group has read somewhere else than in the broker: where the results go, so that both can be committed
 * together. How a position is saved is the business of who keeps it; the group only asks where to begin.
 *
 * <p>A member calls from the thread that polls, before the first record of the partitions; members of one group call at the
 * same time.
 */
@FunctionalInterface
public interface OffsetStore {
    /**
     * A member takes partitions over, all of them or none: from now on nobody who had them before can save anything for them.
     * What a former owner is about to commit is waited for, and counts, or is refused.
     *
     * <p>A position belongs to a topic's id. That of a topic which was deleted and created again is forgotten.
     *
     * @param owner who takes them; whoever has them already may take them again
     * @param partitions each with the id of its topic
     * @return the next offset of each of those that are known; the others begin where {@code auto.offset.reset} says
     * @throws io.tidemill.errors.FencedOffsetException when a later owner has one of them
     * @throws io.tidemill.errors.TidemillException when they cannot be had for another reason
     */
    Map<TopicPartition, Long> takeOver(OffsetOwner owner, Map<TopicPartition, UUID> partitions);
}
