package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import java.util.Map;
import java.util.Set;

/** Where a member begins to read what it was given. */
interface Beginnings {
    /**
     * What it has changes, or may have.
     *
     * @param owned all that it has from now on
     * @param added those of them that it had not before
     * @return without those where nobody has read anything
     */
    Map<TopicPartition, Long> positions(Set<TopicPartition> owned, Set<TopicPartition> added);
}
