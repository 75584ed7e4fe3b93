package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RecordView;
import io.tidemill.runtime.CallerFuture;
import io.tidemill.spi.CleanupPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A compacted topic that groups are kept in. What is appended together is one batch: all of it, or nothing. Each batch expects
 * what was before it, so that after one that was not written no later one is. What need not be written by itself waits while
 * something is on its way, and then goes as one batch. Owned by whoever holds the lock of those groups.
 */
final class EventLog {
    /** Small files: those that are not compacted yet are read when the broker is opened. */
    private static final long SEGMENT_BYTES = 4 << 20;

    static final TopicSettings SETTINGS = TopicSettings.partitions(1)
            .with(TopicSetting.CLEANUP_POLICY, CleanupPolicy.COMPACT)
            .withSegmentBytes(SEGMENT_BYTES);

    /** What has more is not one batch with others: it could become too large, while each for itself is not. */
    private static final int WAITING_BYTES_MAX = 512 << 10;

    private final HostBroker broker;
    private final String name;
    /** Null while there is none, in a broker that only reads. */
    private @Nullable Topic<byte[], byte[]> topic;
    /** Exclusive; once all that is on its way is written. */
    private long endOffset;

    /** Read without the lock, too. */
    private volatile CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    /** Something was not even handed over; what was before it may still be on its way. */
    private boolean isCut;

    /** What waits, by what it is about: the last one is enough. Not encoded yet. */
    private final Map<Object, Supplier<ProducerRecord<byte[], byte[]>>> waiting = new LinkedHashMap<>();

    private long waitingBytes;
    private CompletableFuture<Boolean> waitingWritten = new CompletableFuture<>();

    /** What is done without the lock: users hear of it, and may call anything. */
    private final Queue<Runnable> untold = new ConcurrentLinkedQueue<>();

    /** What was appended once. */
    interface Event {
        void replay(long offset, byte[] key, byte @Nullable [] value);
    }

    EventLog(HostBroker broker, String name) {
        this.broker = broker;
        this.name = name;
    }

    /** All that is there, from the start. Nothing may be on its way. */
    void replay(Event event) {
        last = CompletableFuture.completedFuture(null);
        isCut = false;
        topic = broker.internalTopic(name, SETTINGS);
        if (topic == null) {
            return;
        }
        try (RawConsumer events = topic.rawConsumer(0)) {
            events.poll(record -> replay(record, event), Integer.MAX_VALUE);
            endOffset = events.position();
        }
    }

    static void replay(RecordView record, Event event) {
        byte[] key = bytes(record, record.keyIndex(), record.keyLength());
        byte @Nullable [] value =
                record.valueLength() >= 0 ? bytes(record, record.valueIndex(), record.valueLength()) : null;
        event.replay(record.offset(), key, value);
    }

    private static byte[] bytes(RecordView record, int index, int length) {
        return Serdes.bytes().deserializer().deserialize(record.buffer(), index, length);
    }

    /**
     * As {@link #append}, but together with what comes until what is on its way is written.
     *
     * @param events by what each is about
     * @param bytes of all of them, at most
     * @param onQuiet called when that is so, by any thread; has to see to it that {@link #flush} is called
     */
    CompletableFuture<?> appendSoon(
            Map<Object, Supplier<ProducerRecord<byte[], byte[]>>> events, long bytes, Runnable onQuiet) {
        if (waitingBytes + bytes > WAITING_BYTES_MAX) {
            flush();
        }
        boolean isFirst = waiting.isEmpty();
        waiting.putAll(events);
        waitingBytes += bytes;
        if (last.isDone() || waitingBytes > WAITING_BYTES_MAX) {
            return flush();
        }
        if (isFirst && !waiting.isEmpty()) {
            waitingWritten = new CallerFuture<>(broker.callerWait());
            last.whenComplete((done, failure) -> onQuiet.run());
        }
        return waiting.isEmpty() ? last : waitingWritten;
    }

    /** Appends what waits. */
    CompletableFuture<?> flush() {
        if (!waiting.isEmpty()) {
            List<ProducerRecord<byte[], byte[]>> events =
                    waiting.values().stream().map(Supplier::get).toList();
            waiting.clear();
            waitingBytes = 0;
            CompletableFuture<Boolean> told = waitingWritten;
            CompletableFuture<?> written = appendNow(events);
            untold.add(() -> written.whenComplete((done, failure) -> {
                if (failure == null) {
                    told.complete(true);
                } else {
                    told.completeExceptionally(failure);
                }
            }));
        }
        return last;
    }

    /** Sees to it that those hear of it who wait for what was flushed. Without the lock, on any thread. */
    void tell() {
        for (Runnable next = untold.poll(); next != null; next = untold.poll()) {
            next.run();
        }
    }

    /** Completed when these are written, and with them all that was before; fails if not. */
    CompletableFuture<?> append(List<ProducerRecord<byte[], byte[]>> events) {
        flush();
        return appendNow(events);
    }

    /** Nothing, behind what failed: what these rest on is not so. */
    private CompletableFuture<?> appendNow(List<ProducerRecord<byte[], byte[]>> events) {
        if (!events.isEmpty() && !hasFailed()) {
            try {
                last = restingOn(last, requireTopic().append(0, endOffset, events));
                endOffset += events.size();
            } catch (RuntimeException e) {
                isCut = true;
                last = last.thenRun(() -> {
                    throw e;
                });
            }
        }
        return last;
    }

    private Topic<byte[], byte[]> requireTopic() {
        if (topic == null) {
            throw new ReadOnlyException(
                    "the broker was opened to read only, and members of groups write: topic=" + name);
        }
        return topic;
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

    /** Whether nothing is on its way, once what waits was flushed. */
    boolean isQuiet() {
        return last.isDone();
    }

    /** Whether what was appended is not what is there. */
    boolean hasFailed() {
        return isCut || last.isCompletedExceptionally();
    }
}
