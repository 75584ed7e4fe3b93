package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who is a member, what they want and what they own: no partition has two owners. Changed by {@link GroupCore#replay} only. */
final class Roster {
    private final TreeMap<String, Member> members = new TreeMap<>();
    private final Map<TopicPartition, String> owners = new HashMap<>();
    /** What they want, whether it exists or not; empty when it is to be gathered anew. */
    private final Set<String> wantedTopics = new HashSet<>();

    void put(Member member) {
        Member before = members.put(member.id(), member);
        if (before == null || !before.topics().equals(member.topics())) {
            wantedTopics.clear();
        }
        if (before != null) {
            owners.keySet().removeAll(before.owned());
        }
        for (TopicPartition partition : member.owned()) {
            String other = owners.put(partition, member.id());
            if (other != null) {
                throw new IllegalStateException("a partition would have two owners: partition=" + partition
                        + ", owners=" + other + " and " + member.id());
            }
        }
    }

    void remove(String memberId) {
        Member gone = members.remove(memberId);
        if (gone != null) {
            owners.keySet().removeAll(gone.owned());
            wantedTopics.clear();
        }
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** In the order of their ids. */
    Collection<Member> all() {
        return Collections.unmodifiableCollection(members.values());
    }

    /** Null when there is none. */
    @Nullable
    Member find(String memberId) {
        return members.get(memberId);
    }

    Member require(String memberId) {
        Member member = members.get(memberId);
        if (member == null) {
            throw new IllegalStateException("no such member: memberId=" + memberId);
        }
        return member;
    }

    /** The static member of that name; null when there is none. */
    @Nullable
    Member instance(@Nullable String instanceId) {
        if (instanceId != null) {
            for (Member member : members.values()) {
                if (instanceId.equals(member.instanceId())) {
                    return member;
                }
            }
        }
        return null;
    }

    /** Null for nobody. */
    @Nullable
    String owner(TopicPartition partition) {
        return owners.get(partition);
    }

    /** Of these topics, those that somebody wants. */
    Map<String, Integer> wanted(Map<String, Integer> topics) {
        if (wantedTopics.isEmpty()) {
            members.values().forEach(member -> wantedTopics.addAll(member.topics()));
        }
        Map<String, Integer> wanted = new HashMap<>();
        for (String topic : wantedTopics) {
            Integer count = topics.get(topic);
            if (count != null) {
                wanted.put(topic, count);
            }
        }
        return wanted;
    }
}
