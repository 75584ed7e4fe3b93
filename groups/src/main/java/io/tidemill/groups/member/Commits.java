package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.groups.coordinator.CommittedOffset;
import io.tidemill.groups.coordinator.Refusal;
import io.tidemill.groups.local.Answering.Answer;
import io.tidemill.groups.local.LocalCoordinator;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.spi.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Tells the coordinator how far a member has read. Used under the member's lock. */
final class Commits {
    private final LocalCoordinator coordinator;
    private final String group;
    private final Membership membership;
    private final Clock clock;
    /** What was told last of what the member has; without metadata. A partition that is not in it is told in any case. */
    private final Map<TopicPartition, Long> told = new HashMap<>();

    /** Completed when all of that is written. */
    private CompletableFuture<Void> toldWritten = CompletableFuture.completedFuture(null);

    Commits(LocalCoordinator coordinator, String group, Membership membership, Clock clock) {
        this.coordinator = coordinator;
        this.group = group;
        this.membership = membership;
        this.clock = clock;
    }

    /** Where the group has read to; without those that nobody knows. */
    Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        coordinator
                .committed(group, partitions)
                .forEach((partition, offset) ->
                        committed.put(partition, new OffsetAndMetadata(offset.offset(), offset.metadata())));
        return committed;
    }

    /** The member has others than before, or has them anew. */
    void forget() {
        told.clear();
    }

    /** Tells those positions that are new, but for those in topics that are gone. Refused only if the member is none. */
    CompletableFuture<Void> positions(Map<Partition, Long> positions) {
        CompletableFuture<Void> before = toldWritten;
        // Before it is looked whether it failed: it may do so in between.
        boolean isKnown = before.isDone();
        if (before.isCompletedExceptionally()) {
            forget();
        }
        Map<TopicPartition, OffsetAndMetadata> news = new HashMap<>();
        positions.forEach((partition, position) -> {
            // By identity: there may be another one of that name.
            boolean isThere = coordinator.topics().find(partition.id()) == partition;
            if (isThere && !position.equals(told.get(partition.id()))) {
                news.put(partition.id(), new OffsetAndMetadata(position));
            }
        });
        CompletableFuture<Void> written = offsets(news);
        news.forEach((partition, offset) -> told.put(partition, offset.offset()));
        // What is not new rests on what was told before.
        toldWritten = isKnown ? written : before.thenCombine(written, (nothing, neither) -> neither);
        return toldWritten;
    }

    /** Tells all of these. */
    CompletableFuture<Void> offsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
        told.keySet().removeAll(offsets.keySet());
        Map<TopicPartition, CommittedOffset> committed = new HashMap<>();
        long nowMs = clock.epochMs();
        offsets.forEach((partition, offset) -> {
            OpenTopic topic = requireNotBeyondEnd(partition, offset.offset());
            committed.put(partition, new CommittedOffset(topic.id(), offset.offset(), offset.metadata(), nowMs));
        });
        int epoch = membership.epoch();
        Answer<Refusal> answer = coordinator.commit(group, membership.memberId(), epoch, committed);
        if (answer.early() != null) {
            forget();
            throw refused(answer.early(), epoch, offsets.keySet());
        }
        return answer.written().thenApply(late -> {
            if (late instanceof Refusal refusal) {
                throw refused(refusal, epoch, offsets.keySet());
            }
            return null;
        });
    }

    private OpenTopic requireNotBeyondEnd(TopicPartition partition, long offset) {
        OpenTopic topic = coordinator.topics().find(partition.topic());
        if (topic == null) {
            throw new UnknownTopicOrPartitionException("no such topic, nothing was committed: partition=" + partition);
        }
        Partition read = topic.partition(partition.partition());
        long endOffset = read.committedAcquire();
        if (offset > endOffset && !read.isEndUncertain()) {
            throw new OffsetOutOfRangeException(
                    "offset lies above the end of the partition, nothing was committed: partition=" + partition
                            + ", offset=" + offset + ", endOffset=" + endOffset);
        }
        return topic;
    }

    private CommitFailedException refused(Refusal refusal, int epoch, Set<TopicPartition> partitions) {
        String why = refusal == Refusal.NOT_OWNED
                ? "nothing was committed, as not all of the partitions are the member's own"
                : "nothing was committed, as it is no member of the group any more, and others may read the same records: poll"
                        + " more often than max.poll.interval.ms, or take fewer records at once";
        return new CommitFailedException(why + ": group=" + group + ", member=" + membership.memberId() + ", epoch="
                + epoch + ", reason=" + refusal + ", partitions=" + partitions);
    }
}
