package io.tidemill.groups;

import io.tidemill.AutoOffsetReset;
import io.tidemill.ConsumerSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a member of a group.
 *
 * @param consumer how it reads; where it begins what nobody in the group has read yet
 * @param commits when it says how far it has read
 * @param sessionTimeout Kafka's {@code session.timeout.ms}: a member whose thread has ended is none any more after that time, and a
 *     static one that was closed is expected back so long
 * @param maxPollInterval Kafka's {@code max.poll.interval.ms}: a member that has not called {@code poll} for so long is none any
 *     more
 * @param instanceId Kafka's {@code group.instance.id}: makes it a static member, whose partitions wait for it while it restarts;
 *     null for others
 * @param assignor decides who gets which partition; the one of the member that joined last counts
 * @param rebalanceListener is told what the member gets and gives up
 */
public record GroupSettings(
        ConsumerSettings consumer,
        CommitPolicy commits,
        Duration sessionTimeout,
        Duration maxPollInterval,
        @Nullable String instanceId,
        Assignor assignor,
        RebalanceListener rebalanceListener) {
    /** Validates. */
    public GroupSettings {
        requirePositive("session.timeout.ms", sessionTimeout);
        requirePositive("max.poll.interval.ms", maxPollInterval);
        if (instanceId != null && instanceId.isEmpty()) {
            throw new IllegalArgumentException("group.instance.id must not be empty");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive: " + name + "=" + value);
        }
    }

    /**
     * Kafka's: commits every 5 s, a session of 45 s, 5 minutes between polls, partitions evenly. But a group begins with the first
     * record, as {@link ConsumerSettings#defaults} do.
     *
     * @return the default
     */
    public static GroupSettings defaults() {
        return new GroupSettings(
                ConsumerSettings.defaults(),
                CommitPolicy.automatic(),
                Duration.ofSeconds(45),
                Duration.ofMinutes(5),
                null,
                Assignor.uniform(),
                RebalanceListener.NONE);
    }

    /**
     * The same, reading in another way.
     *
     * @param consumer as in the record
     * @return a copy
     */
    public GroupSettings withConsumer(ConsumerSettings consumer) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same with another place to begin at.
     *
     * @param reset what {@link ConsumerSettings#withAutoOffsetReset} takes
     * @return a copy
     */
    public GroupSettings withAutoOffsetReset(AutoOffsetReset reset) {
        return withConsumer(consumer.withAutoOffsetReset(reset));
    }

    /**
     * The same with other commits.
     *
     * @param commits as in the record
     * @return a copy
     */
    public GroupSettings withCommits(CommitPolicy commits) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same with another patience for a member that says nothing.
     *
     * @param sessionTimeout as in the record
     * @return a copy
     */
    public GroupSettings withSessionTimeout(Duration sessionTimeout) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same with another patience for a member that does not poll.
     *
     * @param maxPollInterval as in the record
     * @return a copy
     */
    public GroupSettings withMaxPollInterval(Duration maxPollInterval) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same as a static member.
     *
     * @param instanceId as in the record
     * @return a copy
     */
    public GroupSettings withInstanceId(String instanceId) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same with another assignor.
     *
     * @param assignor as in the record
     * @return a copy
     */
    public GroupSettings withAssignor(Assignor assignor) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }

    /**
     * The same, telling somebody of rebalances.
     *
     * @param rebalanceListener as in the record
     * @return a copy
     */
    public GroupSettings withRebalanceListener(RebalanceListener rebalanceListener) {
        return new GroupSettings(
                consumer, commits, sessionTimeout, maxPollInterval, instanceId, assignor, rebalanceListener);
    }
}
