package io.tidemill.groups.local;

import io.tidemill.broker.HostBroker;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEvent.Forgotten;
import io.tidemill.groups.coordinator.GroupEvent.Looked;
import io.tidemill.groups.coordinator.Moment;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All groups that a broker knows. Owned by whoever answers questions, but for what says otherwise. */
final class GroupTable {
    /** No group has that name. */
    static final String NOBODY = "";

    private final HostBroker broker;
    private final TopicsView topics;
    private Map<String, LocalGroup> groups = new TreeMap<>();
    /** Of all groups. Changed by their owner, read by any thread. */
    private final Set<Presence> everybody = ConcurrentHashMap.newKeySet();

    GroupTable(HostBroker broker) {
        this.broker = broker;
        this.topics = new TopicsView(broker);
    }

    /** The topics of the broker. Any thread. */
    TopicsView topics() {
        return topics;
    }

    /** Members that are here. Any thread. */
    Set<Presence> everybody() {
        return everybody;
    }

    /** All members that are here are to ask what there is. Any thread. */
    void callEverybody() {
        everybody.forEach(Presence::call);
    }

    Collection<LocalGroup> all() {
        return List.copyOf(groups.values());
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    Set<String> names() {
        Set<String> names = new TreeSet<>(groups.keySet());
        names.remove(NOBODY);
        return names;
    }

    /** The one of that name; it comes to be, if there is none. */
    LocalGroup home(String name) {
        return groups.computeIfAbsent(name, LocalGroup::new);
    }

    /** These are all, from now on. */
    void become(Map<String, LocalGroup> read) {
        groups = read;
    }

    /** That is the one of its name from now on. */
    void put(LocalGroup group) {
        groups.put(group.name(), group);
    }

    /** Forgets what is not. */
    void settle(LocalGroup group) {
        group.dropGone(everybody);
        if (group.core().isNone()) {
            groups.remove(group.name());
        }
    }

    /** Looks who is still there; whoever only reads leaves that to the one that writes. */
    void tick(LocalGroup home, List<GroupEvent> events) {
        if (!broker.isReadOnly()) {
            home.tick(moment(), broker.peers()::fate, events);
        }
    }

    /** What came of a question: tells everybody whom it concerns, but for the one who asked. */
    void announce(LocalGroup home, @Nullable String memberId, List<GroupEvent> events) {
        if (concernsMembers(events)) {
            home.tell(broker.telemetry(), events);
            home.callThoseBehind(memberId);
        }
    }

    private static boolean concernsMembers(List<GroupEvent> events) {
        return events.stream().anyMatch(GroupTable::concernsMembers);
    }

    static boolean concernsMembers(GroupEvent event) {
        return !(event instanceof Committed || event instanceof Forgotten || event instanceof Looked);
    }

    Moment moment() {
        return new Moment(
                topics.counts(), broker.clock().nowNs(), broker.clock().epochMs());
    }
}
