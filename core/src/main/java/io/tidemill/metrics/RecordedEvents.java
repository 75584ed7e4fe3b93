package io.tidemill.metrics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * Events of the flight recorder. Each kind has one object, which is used again: while nobody records, asking it whether it is
 * enabled is all that happens.
 */
final class RecordedEvents implements FlightEvents {
    private final AppendEvent append = new AppendEvent();
    private final FlushEvent flush = new FlushEvent();
    private final RollEvent roll = new RollEvent();

    @Category("Tidemill")
    @StackTrace(false)
    abstract static class PartitionEvent extends Event {
        @Label("Topic")
        @Nullable
        String topic;

        @Label("Partition")
        int partition;

        /** A recording may begin between the two. */
        private boolean isBegun;

        final void beginIfEnabled() {
            isBegun = isEnabled();
            if (isBegun) {
                begin();
            }
        }

        /** Whether it is worth filling in. */
        final boolean endIfBegun() {
            if (isBegun) {
                end();
            }
            return isBegun && shouldCommit();
        }
    }

    @Name("io.tidemill.Append")
    @Label("Append")
    @Description("A batch was appended to a partition, without a flush")
    @Threshold("1 ms")
    static final class AppendEvent extends PartitionEvent {
        @Label("Base Offset")
        long baseOffset;

        @Label("Records")
        int records;

        @Label("Bytes")
        @DataAmount
        long bytes;
    }

    @Name("io.tidemill.Flush")
    @Label("Flush")
    @Description("A partition was flushed")
    @Threshold("10 ms")
    static final class FlushEvent extends PartitionEvent {}

    @Name("io.tidemill.Roll")
    @Label("Roll")
    @Description("A file of a partition was sealed, and another one begun")
    @Threshold("0 ms")
    static final class RollEvent extends PartitionEvent {
        @Label("End Offset")
        @Description("Where the sealed file ends, exclusive")
        long endOffset;

        @Label("Bytes")
        @DataAmount
        long bytes;
    }

    @Override
    public void onAppendBegun() {
        append.beginIfEnabled();
    }

    @Override
    public void onAppended(String topic, int partition, long baseOffset, int records, int bytes) {
        if (append.endIfBegun()) {
            append.topic = topic;
            append.partition = partition;
            append.baseOffset = baseOffset;
            append.records = records;
            append.bytes = bytes;
            append.commit();
        }
    }

    @Override
    public void onFlushBegun() {
        flush.beginIfEnabled();
    }

    @Override
    public void onFlushed(String topic, int partition) {
        if (flush.endIfBegun()) {
            flush.topic = topic;
            flush.partition = partition;
            flush.commit();
        }
    }

    @Override
    public void onRollBegun() {
        roll.beginIfEnabled();
    }

    @Override
    public void onRolled(String topic, int partition, long endOffset, long bytes) {
        if (roll.endIfBegun()) {
            roll.topic = topic;
            roll.partition = partition;
            roll.endOffset = endOffset;
            roll.bytes = bytes;
            roll.commit();
        }
    }
}
