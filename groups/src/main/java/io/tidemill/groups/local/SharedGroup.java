package io.tidemill.groups.local;

import io.tidemill.TopicPartition;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.sharing.ShareSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A share group: what it shares, and which of its members are here. Owned by whoever holds the lock of sharing. */
final class SharedGroup {
    private final String name;
    private final Map<TopicPartition, SharedPartition> partitions = new LinkedHashMap<>();
    /** Those of which the log still knows something. */
    private final List<TopicPartition> forgotten = new ArrayList<>();

    private final Map<String, Presence> members = new HashMap<>();
    /** Those of the last member; null while nobody has joined since the broker was opened. */
    private @Nullable ShareGroupSettings settings;

    SharedGroup(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Neither shares anything nor has somebody who will. */
    boolean isNone() {
        return partitions.isEmpty() && members.isEmpty();
    }

    Collection<SharedPartition> partitions() {
        return partitions.values();
    }

    /** Null where nothing is known of it. */
    @Nullable
    SharedPartition find(TopicPartition id) {
        return partitions.get(id);
    }

    /** Whether it has shared anything of that name. */
    boolean knows(String topic) {
        return partitions.keySet().stream().anyMatch(id -> id.topic().equals(topic));
    }

    void put(SharedPartition partition) {
        partitions.put(partition.id(), partition);
    }

    void remove(TopicPartition id) {
        partitions.remove(id);
    }

    /** It shares that no more, and nothing is known of it. */
    void forget(TopicPartition id) {
        partitions.remove(id);
        forgotten.add(id);
    }

    /** Those of which it was said since this was asked last that they are forgotten. */
    List<TopicPartition> takeForgotten() {
        List<TopicPartition> taken = List.copyOf(forgotten);
        forgotten.clear();
        return taken;
    }

    /** It will be read again. */
    void clear() {
        partitions.clear();
        forgotten.clear();
    }

    /** From now on what it shares is decided by these. */
    void decideBy(ShareGroupSettings newSettings) {
        settings = newSettings;
        followSettings();
    }

    /** As far as there are any: until then nothing of what was read is buried for being delivered too often. */
    void followSettings() {
        if (settings != null) {
            ShareSettings sharing = sharing();
            for (SharedPartition partition : partitions.values()) {
                partition.change(events -> partition.core().decideBy(sharing, events));
                settle(partition);
            }
        }
    }

    /** Where nobody wants dead letters, there are none. */
    void settle(SharedPartition partition) {
        if (settings != null && settings.deadLetterTopic() == null) {
            partition.archiveAll();
        }
    }

    ShareSettings sharing() {
        return settings == null
                ? ShareSettings.DEFAULTS
                : new ShareSettings(
                        TimeUnit.NANOSECONDS.convert(settings.lockDuration()),
                        settings.deliveryCountLimit(),
                        settings.recordLocksMax());
    }

    /** Where copies go of what failed for good; null for nowhere, and while nobody knows. */
    @Nullable
    String deadLetterTopic() {
        return settings == null ? null : settings.deadLetterTopic();
    }

    void add(String memberId, Presence presence) {
        members.put(memberId, presence);
    }

    void remove(String memberId) {
        members.remove(memberId);
    }

    boolean hasDeadLetters() {
        return partitions.values().stream()
                .anyMatch(partition -> !partition.core().deadLetters().isEmpty());
    }

    /** Those that were changed since this was asked last. */
    List<SharedPartition> takeChanged() {
        List<SharedPartition> changed = new ArrayList<>(partitions.values());
        changed.removeIf(partition -> !partition.takeChange());
        return changed;
    }

    /** Those whose threads ended will not close; what they have comes back by itself. */
    List<Presence> removeDead() {
        List<Presence> dead = new ArrayList<>(members.values());
        dead.removeIf(Presence::isAlive);
        members.values().removeAll(dead);
        return dead;
    }

    Collection<String> memberIds() {
        return members.keySet();
    }

    /** There is something to have. */
    void callOthers(String exceptMemberId) {
        members.forEach((memberId, presence) -> {
            if (!memberId.equals(exceptMemberId)) {
                presence.call();
            }
        });
    }
}
