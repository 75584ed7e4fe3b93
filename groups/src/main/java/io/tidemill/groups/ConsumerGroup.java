package io.tidemill.groups;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.LoopSettings;
import io.tidemill.RecordHandler;
import io.tidemill.RecordLoop;
import io.tidemill.Serde;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.groups.member.GroupOpening;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * A member of a consumer group. The members of a group share the partitions of its topics: each partition is read by one of them,
 * from where the group has read to, and when one leaves or dies the others go on with what it had.
 *
 * <pre>{@code
 * try (ConsumerGroup<String, String> analytics = ConsumerGroup.join(orders, "analytics")) {
 *     for (ConsumerRecord<String, String> order : analytics.poll(Duration.ofSeconds(1))) {
 *         System.out.println(order.value());
 *     }
 * }
 * }</pre>
 *
 * <p>It is a {@link Consumer} that is told by its group what to read, so {@link #assign} is refused. Used by one thread at a time,
 * except {@link #close} and {@link #wakeup}. Whatever the group decides happens inside {@link #poll}: who does not call that for
 * {@link GroupSettings#maxPollInterval}, or whose thread ends, is no member any more.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
public interface ConsumerGroup<K, V> extends Consumer<K, V> {
    /**
     * A new member of a group that reads this topic.
     *
     * @param topic what to read
     * @param group the group's name; it comes to be when its first member joins
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     * @throws io.tidemill.errors.ReadOnlyException when the broker was opened to read only
     */
    static <K, V> ConsumerGroup<K, V> join(Topic<K, V> topic, String group) {
        return join(topic, group, GroupSettings.defaults());
    }

    /**
     * A new member of a group that reads this topic, with settings.
     *
     * @param topic what to read
     * @param group the group's name
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     * @throws io.tidemill.errors.UnreleasedInstanceIdException when another member has that instance id
     */
    static <K, V> ConsumerGroup<K, V> join(Topic<K, V> topic, String group, GroupSettings settings) {
        return GroupOpening.join(topic, group, settings);
    }

    /**
     * One that will be a member when {@link #subscribe} says what to read.
     *
     * @param broker whose group
     * @param group the group's name
     * @param keySerde for the keys
     * @param valueSerde for the values
     * @param settings see there
     * @param <K> what keys are
     * @param <V> what values are
     * @return owned by the caller
     */
    static <K, V> ConsumerGroup<K, V> of(
            Broker broker, String group, Serde<K> keySerde, Serde<V> valueSerde, GroupSettings settings) {
        return GroupOpening.open(broker, group, keySerde, valueSerde, settings);
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
     * As whom it saves how far it has read, where it does that by an {@link OffsetStore}.
     *
     * @return itself, with the epoch in which it took its partitions over; another one after each {@link #poll} in which the group
     *     was rebalanced
     */
    OffsetOwner owner();

    /**
     * The offset of the next record to read of each of its partitions, which is what {@link #commit()} commits.
     *
     * @return a copy; without those that it has no position in
     */
    Map<TopicPartition, Long> positions();

    /**
     * Wants these topics from now on, and no others. What is taken away by that is given up in the next {@link #poll}. A topic that
     * is deleted is no more read, and read again when there is one of that name.
     *
     * @param topics their names
     * @throws io.tidemill.errors.UnknownTopicOrPartitionException when there is no such topic; then nothing changes
     */
    @Override
    void subscribe(Collection<String> topics);

    /**
     * Wants all topics whose whole names match, also those that come later, but for those that the broker keeps for itself.
     *
     * @param pattern see there
     */
    void subscribe(Pattern pattern);

    /** Leaves the group, until it subscribes again. */
    @Override
    void unsubscribe();

    /**
     * Refused: its group decides.
     *
     * @throws IllegalStateException always
     */
    @Override
    void assign(Collection<TopicPartition> partitions);

    /**
     * Commits how far all partitions are read, and waits until that is written. What {@link #poll} has returned counts as read.
     *
     * @throws io.tidemill.errors.CommitFailedException when it is no member any more: others read what it has read since
     * @throws IllegalStateException when the application saves it elsewhere
     */
    void commit();

    /**
     * Commits these, and waits until that is written.
     *
     * @param offsets for each partition, the offset of the next record to read
     * @throws io.tidemill.errors.CommitFailedException when it is no member any more, or one of the partitions is not its own; then
     *     none is committed
     * @throws io.tidemill.errors.OffsetOutOfRangeException when one lies above the end of its partition; then none is committed
     */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets);

    /**
     * Commits as {@link #commit()}, and does not wait.
     *
     * @return completed on the delivery thread when it is written; fails as that one throws
     */
    CompletableFuture<Void> commitAsync();

    /**
     * Commits as {@link #commit(Map)}, and does not wait.
     *
     * @param offsets as there
     * @return completed on the delivery thread when it is written; fails as that one throws
     */
    CompletableFuture<Void> commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets);

    /**
     * How far the group has read.
     *
     * @param partitions of any topic, whoever reads them
     * @return without those that nobody has committed yet
     */
    Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions);

    /**
     * How far the group is behind in each partition of the topics that this member wants, whoever reads it: its end less what was
     * committed, or all that there is where nothing was.
     *
     * @return a copy
     */
    Map<TopicPartition, Long> lag();

    /**
     * A loop that gives every record to a handler and commits after it, in place of any other commits. When the member is found to be
     * none any more, it goes on as a new one, and others handle again what it could not commit.
     *
     * @param handler called for one record after the other
     * @param settings see there
     * @return not running yet, owned by the caller; this member is closed with it
     */
    RecordLoop loop(RecordHandler<K, V> handler, LoopSettings settings);

    /** As {@link #close}, and a static member is not expected back. */
    void leave();

    /**
     * Commits where that is automatic, gives up what it has, and leaves the group; a static member goes on being one until its
     * session is over, and its partitions wait for it so long. Ends a {@link #poll} of another thread, and waits for that.
     * Idempotent.
     *
     * @throws IllegalStateException when called by a callback on one of the broker's own threads
     */
    @Override
    void close();
}
