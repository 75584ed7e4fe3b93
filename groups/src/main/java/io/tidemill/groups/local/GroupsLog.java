package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEventLayout;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RecordView;
import io.tidemill.spi.CleanupPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The compacted topic that groups are kept in. What a request came to is one batch: all of it, or nothing. Each batch expects
 * what was before it, so that after one that was not written no later one is. Owned by whoever holds the coordinator's lock.
 */
final class GroupsLog {
    private static final String TOPIC = "__consumer_offsets";

    /** Small files: those that are not compacted yet are read when the broker is opened. */
    private static final long SEGMENT_BYTES = 16 << 20;

    private static final TopicSettings SETTINGS = TopicSettings.partitions(1)
            .with(TopicSetting.CLEANUP_POLICY, CleanupPolicy.COMPACT)
            .withSegmentBytes(SEGMENT_BYTES);

    private final HostBroker broker;
    /** Null while there is none, in a broker that only reads. */
    private @Nullable Topic<byte[], byte[]> topic;
    /** Exclusive; once all that is on its way is written. */
    private long endOffset;

    /** Read without the lock, too. */
    private volatile CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    GroupsLog(HostBroker broker) {
        this.broker = broker;
    }

    /** All that is there, from the start, to the group that it is about. Nothing may be on its way. */
    void replay(BiConsumer<String, GroupEvent> replay) {
        topic = broker.internalTopic(TOPIC, SETTINGS);
        if (topic == null) {
            return;
        }
        try (RawConsumer events = topic.rawConsumer(0)) {
            events.poll(
                    record -> {
                        byte[] key = bytes(record, record.keyIndex(), record.keyLength());
                        byte @Nullable [] value = record.valueLength() >= 0
                                ? bytes(record, record.valueIndex(), record.valueLength())
                                : null;
                        replay.accept(GroupEventLayout.group(key), GroupEventLayout.event(key, value));
                    },
                    Integer.MAX_VALUE);
            endOffset = events.position();
        }
        last = CompletableFuture.completedFuture(null);
    }

    private static byte[] bytes(RecordView record, int index, int length) {
        return Serdes.bytes().deserializer().deserialize(record.buffer(), index, length);
    }

    /** Completed when these are written, and with them all that was before; fails if not. */
    CompletableFuture<?> append(String group, List<GroupEvent> events) {
        if (!events.isEmpty()) {
            if (topic == null) {
                throw new ReadOnlyException(
                        "the broker was opened to read only, and members of groups write: group=" + group);
            }
            List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.size());
            for (GroupEvent event : events) {
                records.add(ProducerRecord.of(GroupEventLayout.key(group, event), GroupEventLayout.value(event)));
            }
            last = restingOn(last, topic.append(0, endOffset, records));
            endOffset += records.size();
        }
        return last;
    }

    /** Where something was not written before it, that is the reason why this was not, and not that the log ends elsewhere. */
    private static CompletableFuture<?> restingOn(CompletableFuture<?> before, CompletableFuture<?> appended) {
        return appended.handle((done, failure) -> {
            if (failure != null) {
                if (failure instanceof OffsetMismatchException && before.isCompletedExceptionally()) {
                    before.join();
                }
                throw failure instanceof RuntimeException unchecked ? unchecked : new CompletionException(failure);
            }
            return done;
        });
    }

    /** Whether nothing is on its way. */
    boolean isQuiet() {
        return last.isDone();
    }

    /** Whether what was appended is not what is there. */
    boolean hasFailed() {
        return last.isCompletedExceptionally();
    }
}
