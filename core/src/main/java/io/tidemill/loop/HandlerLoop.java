package io.tidemill.loop;

import io.tidemill.ConsumerRecord;
import io.tidemill.RecordLoop;
import io.tidemill.TopicPartition;
import io.tidemill.errors.RecordDeserializationException;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The loop around a consumer. One run at a time; everything but what closing needs is used by the thread of that run.
 *
 * <p>Who closes raises the stop sign first and then looks for a run; a run announces itself first and then looks at the
 * sign. So either it sees that it must not begin, or the closing thread sees it and waits.
 */
final class HandlerLoop<K, V> implements RecordLoop {
    private final EndablePoll<K, V> consumer;
    private final RecordAttempts<K, V> attempts;
    private final PoisonRecords poison;
    private final Progress progress;
    private final StopSign stop;
    private final AgentHost host;
    private final AtomicReference<@Nullable Run> current = new AtomicReference<>();

    HandlerLoop(
            EndablePoll<K, V> consumer,
            RecordAttempts<K, V> attempts,
            PoisonRecords poison,
            Progress progress,
            StopSign stop,
            AgentHost host) {
        this.consumer = consumer;
        this.attempts = attempts;
        this.poison = poison;
        this.progress = progress;
        this.stop = stop;
        this.host = host;
    }

    @Override
    public void run() {
        try (Run run = begin(false)) {
            run.enter();
            repeatRounds();
        }
    }

    @Override
    public int runOnce(Duration timeout) {
        try (Run run = begin(false)) {
            run.enter();
            return round(timeout);
        }
    }

    @Override
    public CompletableFuture<Void> start() {
        Run run = begin(true);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try {
            host.startThread("tidemill-loop", () -> runOnOwnThread(run, ended));
        } catch (Throwable e) {
            run.close();
            throw e;
        }
        return ended;
    }

    private void runOnOwnThread(Run run, CompletableFuture<Void> ended) {
        try (run) {
            run.enter();
            repeatRounds();
        } catch (Throwable e) {
            ended.completeExceptionally(e);
        }
        ended.complete(null);
    }

    private Run begin(boolean onOwnThread) {
        if (!onOwnThread && host.isOwnThread()) {
            throw new IllegalStateException(
                    "a loop was run by a callback on the broker's own thread, which has other work:"
                            + " hand it to another thread");
        }
        Run run = new Run(onOwnThread);
        if (!current.compareAndSet(null, run)) {
            throw new IllegalStateException("the loop runs already");
        }
        if (stop.isRaised()) {
            run.close();
            throw new IllegalStateException("the loop is closed");
        }
        return run;
    }

    private void repeatRounds() {
        while (!stop.isUp()) {
            round(CallerWait.FOREVER);
        }
    }

    private int round(Duration timeout) {
        List<ConsumerRecord<K, V>> records;
        try {
            records = consumer.poll(timeout);
        } catch (RecordDeserializationException e) {
            return passOver(e);
        }
        try (Round round = new Round(records)) {
            while (round.hasMore() && !stop.isUp() && attempts.handle(round.next())) {
                round.onDone();
            }
            return round.done;
        }
    }

    /** A record without objects: the position stands at it, and there is nothing to try again. */
    private int passOver(RecordDeserializationException failure) {
        TopicPartition partition = failure.topicPartition();
        poison.take(partition, failure.offset(), failure);
        progress.onDone(partition, failure.offset());
        consumer.seek(partition, failure.offset() + 1);
        progress.commit();
        return 1;
    }

    @Override
    public void close() {
        stop.raise();
        Run run = current.get();
        if (run == null) {
            consumer.close();
            return;
        }
        consumer.onRaised();
        // On a thread of the broker's the run may be waiting for what this very thread has to do.
        if (!run.isCurrentThread() && !host.isInsideCallback()) {
            run.awaitEnd();
        }
    }

    /** The records of a poll. However the round ends, what is done with is committed, and the rest is read again. */
    private final class Round implements AutoCloseable {
        private final List<ConsumerRecord<K, V>> records;
        private int done;

        Round(List<ConsumerRecord<K, V>> records) {
            this.records = records;
        }

        boolean hasMore() {
            return done < records.size();
        }

        ConsumerRecord<K, V> next() {
            return records.get(done);
        }

        void onDone() {
            ConsumerRecord<K, V> record = records.get(done++);
            progress.onDone(record.topicPartition(), record.offset());
        }

        @Override
        public void close() {
            try {
                seekBack();
            } finally {
                progress.commit();
            }
        }

        private void seekBack() {
            Set<TopicPartition> sought = new HashSet<>();
            for (ConsumerRecord<K, V> record : records.subList(done, records.size())) {
                TopicPartition partition = record.topicPartition();
                if (sought.add(partition)) {
                    consumer.seek(partition, record.offset());
                }
            }
        }
    }

    /** From the call that begins it until nothing of it is left. */
    private final class Run implements AutoCloseable {
        private final boolean onOwnThread;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Thread thread;

        Run(boolean onOwnThread) {
            this.onOwnThread = onOwnThread;
        }

        void enter() {
            thread = Thread.currentThread();
            stop.ignoreInterrupts(onOwnThread);
        }

        boolean isCurrentThread() {
            return thread == Thread.currentThread();
        }

        @Override
        public void close() {
            current.set(null);
            try {
                if (stop.isRaised()) {
                    consumer.close();
                }
            } finally {
                ended.countDown();
            }
        }

        void awaitEnd() {
            try {
                ended.await();
            } catch (InterruptedException e) {
                // It ends all the same, after the record in hand.
                Thread.currentThread().interrupt();
                return;
            }
            Thread own = thread;
            if (onOwnThread && own != null) {
                AgentHost.awaitEnd(own);
            }
        }
    }
}
