package io.tidemill.groups.member;

import io.tidemill.consumer.TopicConsumer;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.CommitPolicy.Automatic;
import io.tidemill.groups.CommitPolicy.Manual;
import io.tidemill.lane.Partition;
import io.tidemill.spi.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits by itself what earlier polls returned. Nobody waits for that, or hears of it: what fails is logged, and read again. */
final class AutoCommit {
    private static final Logger LOG = LoggerFactory.getLogger(AutoCommit.class);

    private CommitPolicy policy;
    private final Commits commits;
    private final TopicConsumer<?, ?> consumer;
    private final Clock clock;
    private long committedNs;

    AutoCommit(CommitPolicy policy, Commits commits, TopicConsumer<?, ?> consumer, Clock clock) {
        this.policy = policy;
        this.commits = commits;
        this.consumer = consumer;
        this.clock = clock;
        this.committedNs = clock.nowNs();
    }

    /** Somebody else says from now on how far is read. */
    void switchOff() {
        policy = Manual.INSTANCE;
    }

    /** All that was returned counts as read now. */
    void onPoll() {
        if (policy instanceof Automatic automatic
                && clock.nowNs() - committedNs >= TimeUnit.NANOSECONDS.convert(automatic.interval())) {
            committedNs = clock.nowNs();
            try {
                commit().whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        LOG.warn("automatic commit was not written", failure);
                    }
                });
            } catch (CommitFailedException | UnknownTopicOrPartitionException e) {
                // It is none any more, or the topic is gone: the coordinator tells it in a moment, and then it is
                // handled.
                LOG.warn("automatic commit was refused: {}", e.getMessage());
            }
        }
    }

    /** Waits until what was read is committed: somebody else goes on there. */
    void beforeGivingUp() {
        if (policy instanceof Automatic) {
            try {
                commit().join();
            } catch (CommitFailedException | UnknownTopicOrPartitionException e) {
                LOG.warn("automatic commit was refused: {}", e.getMessage());
            } catch (CompletionException e) {
                LOG.warn("automatic commit was not written", e.getCause());
            }
        }
    }

    /** But for what somebody sought behind an end: that is reset before anything is read there. */
    private CompletableFuture<Void> commit() {
        Map<Partition, Long> positions = new HashMap<>(consumer.positions());
        positions.entrySet().removeIf(each -> each.getValue() > each.getKey().committedAcquire());
        return commits.positions(positions);
    }
}
