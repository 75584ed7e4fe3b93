package io.tidemill.loop;

import io.tidemill.ConsumerRecord;
import io.tidemill.LoopSettings;
import io.tidemill.RecordHandler;
import org.jspecify.annotations.Nullable;

/** Gives a record to the handler until it is done with, or the run is to end. Used by the thread of the run. */
final class RecordAttempts<K, V> {
    private final RecordHandler<K, V> handler;
    private final int retries;
    private final Backoff backoff;
    private final PoisonRecords poison;
    private final StopSign stop;

    RecordAttempts(RecordHandler<K, V> handler, LoopSettings settings, PoisonRecords poison, StopSign stop) {
        this.handler = handler;
        this.retries = settings.retries();
        this.backoff = new Backoff(settings.retryBackoff(), settings.retryBackoffMax());
        this.poison = poison;
        this.stop = stop;
    }

    /**
     * Handles it, or gets rid of it.
     *
     * @return false when neither was done, since the run is to end
     * @throws io.tidemill.errors.PoisonRecordException when neither can be done
     */
    boolean handle(ConsumerRecord<K, V> record) {
        int failures = 0;
        while (true) {
            Exception failure = attempt(record);
            if (failure == null) {
                return true;
            }
            if (stop.isInterrupted()) {
                // It failed because it was to end, and not because of the record.
                return false;
            }
            failures++;
            if (failures > retries) {
                poison.take(record.topicPartition(), record.offset(), failure);
                return true;
            }
            if (!stop.pause(backoff.after(failures))) {
                return false;
            }
        }
    }

    private @Nullable Exception attempt(ConsumerRecord<K, V> record) {
        try {
            handler.handle(record);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        } catch (Exception e) {
            return e;
        }
    }
}
