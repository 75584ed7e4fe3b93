package io.tidemill.groups.member;

import io.tidemill.Topic;
import io.tidemill.broker.HostBroker;
import io.tidemill.consumer.CallerWakeup;
import io.tidemill.consumer.RecordDecoder;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.groups.AcknowledgeType;
import io.tidemill.groups.AcknowledgementMode;
import io.tidemill.groups.ShareGroup;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.SharedRecord;
import io.tidemill.groups.local.LocalSharing;
import io.tidemill.groups.local.LocalSharing.Heard;
import io.tidemill.groups.local.LocalSharing.Told;
import io.tidemill.groups.local.LocalSharing.Turn;
import io.tidemill.groups.local.Presence;
import io.tidemill.groups.local.ShareMember;
import io.tidemill.groups.sharing.Acknowledgement;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.runtime.Wakeup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a share group. A poll asks {@link LocalSharing} for records, with what became of the last ones, and then reads what it was
 * given ({@link SharedReading}). When there is nothing, it waits until more is appended, somebody gives something back, or a lock
 * may time out.
 */
final class ShareConsumer<K, V> implements ShareGroup<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(ShareConsumer.class);

    /** Longer than any wait makes sense, short enough to be added to a clock's reading. */
    private static final long TIMEOUT_NS_MAX = Long.MAX_VALUE / 4;

    private final HostBroker broker;
    private final LocalSharing sharing;
    private final ShareMember member;
    private final ShareGroupSettings settings;
    private final Wakeup wakeup;
    private final CallerWakeup callerWakeup;
    /** Held in every call: another thread may close this. */
    private final ReentrantLock use = new ReentrantLock();

    private final HeldRecords<K, V> held = new HeldRecords<>();
    /** Why something could not be read, while there were records to return. */
    private final FirstFailure failure = new FirstFailure();

    private final SharedReading<K, V> reading;
    private int firstPartition;
    private final AtomicBoolean closed = new AtomicBoolean();

    ShareConsumer(Topic<K, V> topic, String group, ShareGroupSettings settings) {
        this.broker = HostBroker.of(topic.broker());
        this.sharing = LocalSharing.of(broker);
        this.settings = settings;
        this.wakeup = broker.callerWait().newWakeup();
        this.callerWakeup = new CallerWakeup(wakeup);
        this.reading =
                new SharedReading<>(broker, new RecordDecoder<>(topic.keySerde(), topic.valueSerde()), held, failure);
        Presence presence = new Presence(TIMEOUT_NS_MAX, wakeup::signal);
        this.member = new ShareMember(group, broker.newId().toString(), topic.name(), presence);
        presence.onPoll(broker.clock().nowNs());
        sharing.join(member, settings);
    }

    @Override
    public String groupId() {
        return member.group();
    }

    @Override
    public String memberId() {
        return member.memberId();
    }

    @Override
    public List<SharedRecord<K, V>> poll(Duration timeout) {
        return inside(() -> {
            sayTheRest();
            failure.throwIfAny();
            member.presence().onPoll(broker.clock().nowNs());
            firstPartition++;
            return pollUntil(broker.clock().nowNs()
                    + Math.max(0, Math.min(TimeUnit.NANOSECONDS.convert(timeout), TIMEOUT_NS_MAX)));
        });
    }

    private void sayTheRest() {
        if (settings.acknowledgementMode() == AcknowledgementMode.IMPLICIT) {
            held.acceptOthers();
            return;
        }
        SharedRecord<K, V> unsaid = held.findUnsaid();
        if (unsaid != null) {
            throw new IllegalStateException(
                    "acknowledge all records of the last poll first, as share.acknowledgement.mode is explicit: partition="
                            + unsaid.topicPartition() + ", offset=" + unsaid.offset());
        }
    }

    private List<SharedRecord<K, V>> pollUntil(long deadlineNs) {
        while (true) {
            callerWakeup.throwIfRequested();
            member.presence().answerCall();
            Ends ends = new Ends(partitions());
            Turn turn = sharing.take(member, held.verdicts(), settings.maxPollRecords(), firstPartition);
            warnOf(held.onTold(turn.heard().refused()));
            copyDeadLetters(turn.heard());
            List<SharedRecord<K, V>> records = reading.read(turn.taken());
            if (closed.get()) {
                // By another thread, which gives them back.
                return List.of();
            }
            if (!records.isEmpty()) {
                return records;
            }
            failure.throwIfAny();
            if (turn.taken().isEmpty()) {
                await(ends, Math.min(deadlineNs - broker.clock().nowNs(), turn.quietNs()));
                if (isOver(deadlineNs)) {
                    return List.of();
                }
            }
        }
    }

    /** Those that there are now. */
    private List<Partition> partitions() {
        OpenTopic topic = sharing.topics().find(member.topic());
        return topic == null ? List.of() : topic.partitions();
    }

    /** How far partitions reached before it was asked what there is in them. */
    private static final class Ends {
        private final List<Partition> partitions;
        private final long[] offsets;

        Ends(List<Partition> partitions) {
            this.partitions = partitions;
            this.offsets =
                    partitions.stream().mapToLong(Partition::committedAcquire).toArray();
        }

        boolean haveMoved() {
            for (int i = 0; i < offsets.length; i++) {
                if (partitions.get(i).committedAcquire() != offsets[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    private void await(Ends ends, long timeoutNs) {
        ends.partitions.forEach(partition -> partition.addWaiting(wakeup));
        try {
            broker.callerWait()
                    .until(
                            () -> {
                                callerWakeup.throwIfRequested();
                                return closed.get() || member.presence().isCalled() || ends.haveMoved();
                            },
                            Duration.ofNanos(timeoutNs),
                            wakeup);
        } finally {
            ends.partitions.forEach(partition -> partition.removeWaiting(wakeup));
        }
        broker.callerWait().requireOpen();
    }

    private boolean isOver(long deadlineNs) {
        return closed.get()
                || Thread.currentThread().isInterrupted()
                || broker.clock().nowNs() - deadlineNs >= 0;
    }

    private void warnOf(List<SharedRecord<K, V>> lost) {
        if (!lost.isEmpty()) {
            LOG.warn(
                    "records were acknowledged too late, and are handled again: group={}, member={}, records={}, first={}-{}",
                    member.group(),
                    member.memberId(),
                    lost.size(),
                    lost.get(0).topicPartition(),
                    lost.get(0).offset());
        }
    }

    @Override
    public void acknowledge(SharedRecord<K, V> record, AcknowledgeType type) {
        Acknowledgement what = switch (type) {
            case ACCEPT -> Acknowledgement.ACCEPT;
            case RELEASE -> Acknowledgement.RELEASE;
            case REJECT -> Acknowledgement.REJECT;
        };
        inside(() -> {
            held.say(record, what);
            return true;
        });
    }

    @Override
    public List<SharedRecord<K, V>> commit() {
        broker.callerWait().requireMayWait();
        return inside(() -> {
            Told told = tell();
            // If that fails it is told again, and then as too late.
            await(told.written());
            List<SharedRecord<K, V>> lost = held.onTold(told.heard().refused());
            copyDeadLetters(told.heard());
            return lost;
        });
    }

    private static void await(CompletableFuture<?> written) {
        try {
            written.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public CompletableFuture<List<SharedRecord<K, V>>> commitAsync() {
        return inside(() -> {
            Told told = tell();
            List<SharedRecord<K, V>> lost = held.onTold(told.heard().refused());
            return told.written().thenApply(written -> lost);
        });
    }

    private void copyDeadLetters(Heard heard) {
        if (heard.hasDeadLetters()) {
            sharing.copyDeadLetters(member.group());
        }
    }

    private Told tell() {
        if (settings.acknowledgementMode() == AcknowledgementMode.IMPLICIT) {
            held.acceptOthers();
        }
        return sharing.tell(member, held.verdicts());
    }

    @Override
    public void wakeup() {
        callerWakeup.request();
    }

    private <T> T inside(Supplier<T> call) {
        use.lock();
        try {
            if (closed.get()) {
                throw new IllegalStateException("the member is closed: group=" + member.group());
            }
            return call.get();
        } finally {
            use.unlock();
        }
    }

    @Override
    public void close() {
        broker.callerWait().requireMayWait();
        if (closed.compareAndSet(false, true)) {
            wakeup.signal();
            use.lock();
            try {
                Heard heard = sharing.leave(member, held.verdicts());
                warnOf(held.onTold(heard.refused()));
                copyDeadLetters(heard);
            } catch (BrokerClosedException e) {
                // It took its members along.
            } finally {
                reading.close();
                use.unlock();
            }
        }
    }
}
