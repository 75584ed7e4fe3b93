package io.tidemill.groups.coordinator;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** How long a group still waits for its members. No event: after a replay all have been heard of just now. */
final class Patience {
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

    void forget(String memberId) {
        heardNs.remove(memberId);
        revokingSinceNs.remove(memberId);
    }

    /** All begin anew. */
    void begin(Collection<Member> members, long nowNs) {
        revokingSinceNs.clear();
        members.forEach(member -> begin(member, nowNs));
    }

    /** It is heard of; since when it has something to give up counts if that is known. */
    void begin(Member member, long nowNs) {
        onHeard(member.id(), nowNs);
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
