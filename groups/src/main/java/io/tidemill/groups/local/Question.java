package io.tidemill.groups.local;

import io.tidemill.groups.coordinator.GroupEvent;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Something that a group is asked. It may be asked more than once, until what it changes is written; it waits for nobody.
 *
 * @param group its name
 * @param memberId of the member who asks; null for somebody else
 * @param isFresh whether the answer must know of everything that was written anywhere before it was asked
 * @param body answers, and puts down what changes
 */
public record Question<T>(
        String group, @Nullable String memberId, boolean isFresh, BiFunction<LocalGroup, List<GroupEvent>, T> body) {}
