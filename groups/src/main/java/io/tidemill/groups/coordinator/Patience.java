package io.tidemill.groups.coordinator;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How long a group still waits for its members. No event: after a replay all have been heard of just now. */
final class Patience {
    private static final int GONE_MAX = 100;

    /** When each member was last heard of. */
    private final Map<String, Long> heardNs = new HashMap<>();
    /** Since when each member has had something to give up. */
    private final Map<String, Long> revokingSinceNs = new HashMap<>();

    void onHeard(String memberId, long nowNs) {
        heardNs.put(memberId, nowNs);
    }

    void onRevoking(String memberId, long nowNs) {
        revokingSinceNs.put(memberId, nowNs);
    }

    /** It is so from now on; who has nothing to give up is waited for by its session only. */
    void onChanged(Member member) {
        if (member.revoked().isEmpty()) {
            revokingSinceNs.remove(member.id());
        }
    }

    /** Some are gone; they are remembered for a while, as that may turn out not to be written. */
    void onGone(Collection<Member> left) {
        if (heardNs.size() > 2 * left.size() + GONE_MAX) {
            forgetAllBut(left);
        }
    }

    private void forgetAllBut(Collection<Member> members) {
        Set<String> ids = members.stream().map(Member::id).collect(Collectors.toSet());
        heardNs.keySet().retainAll(ids);
        revokingSinceNs.keySet().retainAll(ids);
    }

    /** All begin anew. */
    void begin(Collection<Member> members, long nowNs) {
        heardNs.clear();
        revokingSinceNs.clear();
        members.forEach(member -> begin(member, nowNs));
    }

    /** As it was, of those that there are. */
    void follow(Patience before, Collection<Member> members, long nowNs) {
        heardNs.putAll(before.heardNs);
        revokingSinceNs.putAll(before.revokingSinceNs);
        forgetAllBut(members);
        members.forEach(member -> begin(member, nowNs));
        members.forEach(this::onChanged);
    }

    /** What is not known of it begins. */
    private void begin(Member member, long nowNs) {
        heardNs.putIfAbsent(member.id(), nowNs);
        if (!member.revoked().isEmpty()) {
            revokingSinceNs.putIfAbsent(member.id(), nowNs);
        }
    }

    /** How long it is still waited for; not positive when that is over. */
    long leftNs(Member member, long nowNs) {
        GroupTimeouts timeouts = member.timeouts();
        long silentNs = nowNs - heardNs.getOrDefault(member.id(), nowNs);
        long holdingNs = nowNs - revokingSinceNs.getOrDefault(member.id(), nowNs);
        return Math.min(timeouts.sessionNs() - silentNs, timeouts.rebalanceNs() - holdingNs);
    }
}
