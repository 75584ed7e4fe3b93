package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Dissolved;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.MemberChanged;
import io.tidemill.groups.coordinator.GroupEvent.MemberGone;
import io.tidemill.groups.coordinator.GroupEvent.Rebalanced;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Of each group, the last written event about each thing: what it is. A log that was compacted, even in part, tells no more than that,
 * and it is what a group is when what was decided about it was not written after all. Owned as the {@link GroupTable} is.
 */
final class WrittenGroups {
    private final Map<String, Map<Object, GroupEvent>> events = new HashMap<>();

    void onWritten(String group, GroupEvent event) {
        Map<Object, GroupEvent> known = events.computeIfAbsent(group, name -> new HashMap<>());
        if (event instanceof Rebalanced) {
            known.put(Rebalanced.class, event);
        } else if (event instanceof Dissolved) {
            known.remove(Rebalanced.class);
        } else if (event instanceof MemberChanged changed) {
            known.put(changed.member().id(), event);
        } else if (event instanceof MemberGone gone) {
            known.remove(gone.memberId());
        } else if (event instanceof Committed committed) {
            known.put(committed.partition(), event);
        } else if (event instanceof Forgotten forgotten) {
            known.remove(forgotten.partition());
        }
        if (known.isEmpty()) {
            events.remove(group);
        }
    }

    Set<String> names() {
        return events.keySet();
    }

    /** What the group is; nobody is there yet. */
    LocalGroup group(String name) {
        LocalGroup group = new LocalGroup(name);
        events.getOrDefault(name, Map.of()).values().forEach(group.core()::replay);
        return group;
    }
}
