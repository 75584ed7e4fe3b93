package io.tidemill.groups.local;

import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.PoisonRecordException;
import io.tidemill.errors.TidemillException;
import io.tidemill.groups.sharing.DeadLetter;
import io.tidemill.lane.Partition;
import io.tidemill.loop.DeadLetters;
import io.tidemill.raw.RawConsumerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies records that failed for good, on the threads of members, one at a time for each group. A record is archived when its copy is
 * acknowledged, so a crash in between repeats the copy. What cannot be copied is logged, stays where it is and is tried again later:
 * the group goes on, as long as it may have more records under way. Any thread.
 */
final class DeadLetterCopies {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterCopies.class);

    /** So that a topic that cannot be written does not fill the log. */
    static final long RETRY_NS = 1_000_000_000L;

    private final HostBroker broker;
    private final LocalSharing sharing;
    /** Groups that somebody is at. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    /** When it failed, by group. */
    private final Map<String, Long> failedNs = new ConcurrentHashMap<>();

    /** Some that are to be copied, and from where. */
    private record Letters(Partition partition, UUID topicId, DeadLetter letter) {}

    /** All that are, and where to. */
    private record Work(@Nullable String target, List<Letters> letters) {}

    DeadLetterCopies(HostBroker broker, LocalSharing sharing) {
        this.broker = broker;
        this.sharing = sharing;
    }

    /** What it throws is logged: whoever is here came for something else. */
    void copy(String group) {
        Long failed = failedNs.get(group);
        if ((failed != null && broker.clock().nowNs() - failed < RETRY_NS) || !busy.add(group)) {
            return;
        }
        try {
            Work work = sharing.request(group, LocalSharing.NOBODY, this::work);
            if (work.target() != null) {
                Topic<byte[], byte[]> target = broker.topic(work.target(), Serdes.bytes(), Serdes.bytes());
                work.letters().forEach(letters -> copy(group, letters, target));
            }
            failedNs.remove(group);
        } catch (TidemillException e) {
            failedNs.put(group, broker.clock().nowNs());
            LOG.warn("dead letters were not copied, which is tried again: group={}", group, e);
        } finally {
            busy.remove(group);
        }
    }

    private Work work(SharedGroup group) {
        List<Letters> letters = new ArrayList<>();
        for (SharedPartition shared : group.partitions()) {
            Partition partition = sharing.find(shared);
            if (partition != null) {
                shared.core()
                        .deadLetters()
                        .forEach(letter -> letters.add(new Letters(partition, shared.topicId(), letter)));
            }
        }
        return new Work(group.deadLetterTopic(), letters);
    }

    private void copy(String group, Letters letters, Topic<byte[], byte[]> target) {
        Partition partition = letters.partition();
        DeadLetter letter = letters.letter();
        DeadLetters copier = new DeadLetters(
                target, id -> broker.consumers().rawConsumer(partition, RawConsumerSettings.defaults()));
        PoisonRecordException reason = new PoisonRecordException("given up by a share group: group=" + group
                + ", reason=" + letter.reason() + ", deliveryCount=" + letter.deliveryCount());
        long offset = letter.firstOffset();
        try {
            for (; offset <= letter.lastOffset(); offset++) {
                // What retention or compaction took meanwhile needs no copy.
                if (offset >= partition.startOffset()) {
                    copier.copy(partition.id(), offset, reason);
                }
            }
        } finally {
            // Those in front of one that fails are not copied over and over again.
            if (offset > letter.firstOffset()) {
                archive(group, letters, offset - 1);
            }
        }
    }

    private void archive(String group, Letters letters, long lastOffset) {
        sharing.request(group, LocalSharing.NOBODY, home -> {
            SharedPartition shared = home.find(letters.partition().id());
            if (shared != null && shared.topicId().equals(letters.topicId())) {
                shared.change(events -> shared.core().archive(letters.letter().firstOffset(), lastOffset, events));
            }
            return true;
        });
    }
}
