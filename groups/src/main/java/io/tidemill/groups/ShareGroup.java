package io.tidemill.groups;

import io.tidemill.Topic;
import io.tidemill.groups.member.ShareOpening;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A member of a share group, Kafka's KIP-932: a queue on a topic. All members take records of all partitions side by side, each record
 * goes to one of them at a time, and each is accepted, released or rejected by itself. There may be more members than partitions, and
 * there is no order among records.
 *
 * <pre>{@code
 * try (ShareGroup<String, String> workers = ShareGroup.join(orders, "workers")) {
 *     for (SharedRecord<String, String> order : workers.poll(Duration.ofSeconds(1))) {
 *         boolean isDone = ship(order.value());
 *         workers.acknowledge(order, isDone ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
 *     }
 *     workers.commit();
 * }
 * }</pre>
 *
 * <p>A record is the member's for {@link ShareGroupSettings#lockDuration}. When nothing was written of it by then, others get it, and
 * what this one says of it later may be refused. So a record is handled at least once, and may be handled twice; {@link
 * SharedRecord#deliveryCount} tells. One that was delivered too often, or rejected, is given to nobody any more, and copied to the
 * dead letters, if there is a topic for them.
 *
 * <p>Used by one thread at a time, except {@link #close} and {@link #wakeup}. Nothing is told before it is written: what {@link #poll}
 * gives out, and what {@link #commit} says.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface ShareGroup<K, V> extends AutoCloseable {
    /**
     * A new member of a group that shares this topic.
     *
     * @param topic whose records
     * @param group the group's name; it comes to be when its first member joins. It has nothing to do with a consumer group of that
     *     name
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    static <K, V> ShareGroup<K, V> join(Topic<K, V> topic, String group) {
        return join(topic, group, ShareGroupSettings.defaults());
    }

    /**
     * A new member of a group that shares this topic, with settings.
     *
     * @param topic whose records
     * @param group the group's name
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic for dead letters
     */
    static <K, V> ShareGroup<K, V> join(Topic<K, V> topic, String group, ShareGroupSettings settings) {
        return ShareOpening.join(topic, group, settings);
    }

    /**
     * The group's name.
     *
     * @return as it was given
     */
    String groupId();

    /**
     * Its own name in the group.
     *
     * @return made up, and another one for each member
     */
    String memberId();

    /**
     * Takes records: those that somebody released or lost first, then those that nobody had. Before that, what was said of those of
     * the last poll is written; where that comes too late for some, it is logged, and others get them.
     *
     * @param timeout how long to wait for the first one; an interrupt ends the wait and stays set
     * @return empty after that time, and when the member is closed meanwhile
     * @throws IllegalStateException in {@link AcknowledgementMode#EXPLICIT}, when nothing was said of one of the last poll
     * @throws io.tidemill.errors.WakeupException after {@link #wakeup}
     * @throws io.tidemill.errors.RecordDeserializationException when a deserializer refused a record; that one was released
     * @throws io.tidemill.errors.CorruptRecordException when what is stored is not what was written; what it is about was released
     * @throws io.tidemill.errors.StorageException when it could not be written who has what: nobody has anything then
     */
    List<SharedRecord<K, V>> poll(Duration timeout);

    /**
     * Accepts a record; otherwise as the other one.
     *
     * @param record of the last poll
     */
    default void acknowledge(SharedRecord<K, V> record) {
        acknowledge(record, AcknowledgeType.ACCEPT);
    }

    /**
     * Says what became of a record. It counts when it is written, by {@link #commit}, {@link #poll} or {@link #close}; until then it
     * may be said otherwise. In {@link AcknowledgementMode#IMPLICIT} it may be said of some, and the others are accepted.
     *
     * @param record of the last poll
     * @param type what became of it
     * @throws IllegalStateException when it is none of the last poll, or was committed
     */
    void acknowledge(SharedRecord<K, V> record, AcknowledgeType type);

    /**
     * Writes what was said of the records of the last poll, and waits for that. In {@link AcknowledgementMode#IMPLICIT} those of which
     * nothing was said are accepted.
     *
     * @return those for which it came too late: they had been taken away, as their lock timed out or the group was reset, and others
     *     handle them again. Empty when all is well
     * @throws io.tidemill.errors.StorageException when it was not written; those records are given out again
     */
    List<SharedRecord<K, V>> commit();

    /**
     * As {@link #commit}, and does not wait.
     *
     * @return completed on the delivery thread when it is written; fails as that one throws
     */
    CompletableFuture<List<SharedRecord<K, V>>> commitAsync();

    /** Ends a {@link #poll} that waits, or else the next one, by a {@link io.tidemill.errors.WakeupException}. Any thread. */
    void wakeup();

    /**
     * Writes what was said of records, releases the others, also in {@link AcknowledgementMode#IMPLICIT}, and leaves the group. Ends a
     * {@link #poll} of another thread, and waits for that. Idempotent.
     *
     * @throws IllegalStateException when called by a callback on one of the broker's own threads
     */
    @Override
    void close();
}
