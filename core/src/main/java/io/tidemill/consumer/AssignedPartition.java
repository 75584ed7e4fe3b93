package io.tidemill.consumer;

import io.tidemill.PartitionEof;
import io.tidemill.TopicPartition;
import io.tidemill.errors.OffsetOutOfRangeException;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer.RecordHandler;

/** One of the partitions that a consumer reads: its reader, whether it is paused, and which of its ends was told. */
final class AssignedPartition {
    private final TopicPartition id;
    private final PartitionReader reader;
    private boolean isPaused;
    private boolean isClosed;
    /** The position at which the end was told, unless something was read since. */
    private long toldEndOffset = PartitionReader.NULL_OFFSET;

    AssignedPartition(PartitionReader reader) {
        this.id = reader.partition().id();
        this.reader = reader;
    }

    TopicPartition id() {
        return id;
    }

    Partition partition() {
        return reader.partition();
    }

    PartitionReader reader() {
        return reader;
    }

    boolean isPaused() {
        return isPaused;
    }

    void pause(boolean paused) {
        isPaused = paused;
    }

    /**
     * Where the next record will be read.
     *
     * @throws OffsetOutOfRangeException when there is no position yet
     */
    long position() {
        if (!reader.hasPosition()) {
            throw new OffsetOutOfRangeException(
                    "no position was given yet, and auto.offset.reset=none: partition=" + id);
        }
        return reader.position();
    }

    long lag() {
        return Math.max(0, reader.readableEnd() - position());
    }

    int poll(RecordHandler handler, int recordsMax) {
        if (isPaused || isClosed) {
            return 0;
        }
        long before = reader.position();
        try {
            return reader.poll(handler, recordsMax);
        } finally {
            if (reader.position() != before) {
                toldEndOffset = PartitionReader.NULL_OFFSET;
            }
        }
    }

    /** Whether its end was reached and not yet told. From now on it is. */
    boolean takeEnd() {
        long position = reader.position();
        if (isPaused
                || isClosed
                || reader.partition().isRemoved()
                || position == toldEndOffset
                || position != reader.readableEnd()) {
            return false;
        }
        toldEndOffset = position;
        return true;
    }

    PartitionEof end() {
        return new PartitionEof(id, toldEndOffset);
    }

    void close() {
        isClosed = true;
        reader.close();
    }
}
