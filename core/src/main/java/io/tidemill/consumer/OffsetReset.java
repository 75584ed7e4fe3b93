package io.tidemill.consumer;

import io.tidemill.AutoOffsetReset;
import io.tidemill.AutoOffsetReset.ByDuration;
import io.tidemill.AutoOffsetReset.Place;
import io.tidemill.spi.Clock;

/** Gives a position to a reader that has none, or one outside its partition. */
@FunctionalInterface
interface OffsetReset {
    /** Leaves that to the application. */
    OffsetReset NONE = reader -> false;

    /** False when the application wants to do that by itself; then nothing has changed. */
    boolean tryReset(PartitionReader reader);

    /** As the policy says; ages are told by that clock. */
    static OffsetReset of(AutoOffsetReset policy, Clock clock) {
        if (policy instanceof ByDuration past) {
            return reader -> {
                reader.seekToTime(clock.epochMs() - past.age().toMillis());
                return true;
            };
        }
        return switch ((Place) policy) {
            case NONE -> NONE;
            case EARLIEST ->
                reader -> {
                    reader.seekToBeginning();
                    return true;
                };
            case LATEST ->
                reader -> {
                    reader.seekToEnd();
                    return true;
                };
        };
    }
}
