package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import java.util.List;

/**
 * A question that was answered, and nobody has been told yet.
 *
 * @param events what it changes
 * @param tell gives the answer to who asked
 */
record Decided(Asked<?> asked, List<GroupEvent> events, Runnable tell) {
    String group() {
        return asked.question().group();
    }
}
