package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.Map;
import java.util.Set;

/**
 * What a share group is like.
 *
 * @param group its name
 * @param members their names
 * @param progress of each partition that it shares
 */
public record ShareGroupDescription(String group, Set<String> members, Map<TopicPartition, SharedProgress> progress) {
    /** Copies. */
    public ShareGroupDescription {
        members = Set.copyOf(members);
        progress = Map.copyOf(progress);
    }

    /**
     * How far a partition is given out, and what became of that. Offsets that compaction left empty count as records until they are
     * given out.
     *
     * @param startOffset all in front of it is done
     * @param givenOutOffset exclusive: nothing behind it was given out yet
     * @param endOffset exclusive: of the next record that can be read, once it is there
     * @param locked how many records members have
     * @param released how many nobody has, and somebody is to have once more
     * @param deadLetters how many are still to be copied
     */
    public record SharedProgress(
            long startOffset, long givenOutOffset, long endOffset, long locked, long released, long deadLetters) {
        /**
         * How far the group is behind.
         *
         * @return how many records are not done
         */
        public long lag() {
            return endOffset - givenOutOffset + locked + released + deadLetters;
        }
    }

    /**
     * How far the group is behind.
     *
     * @return of all partitions together
     */
    public long lag() {
        return progress.values().stream().mapToLong(SharedProgress::lag).sum();
    }
}
