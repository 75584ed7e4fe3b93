package io.tidemill.groups;

import java.time.Instant;

/** A place in a partition that a group can go on at. */
public sealed interface OffsetPlace {
    /**
     * The first record that there is.
     *
     * @return Kafka's {@code --to-earliest}
     */
    static OffsetPlace earliest() {
        return End.EARLIEST;
    }

    /**
     * Behind the last record that there is.
     *
     * @return Kafka's {@code --to-latest}
     */
    static OffsetPlace latest() {
        return End.LATEST;
    }

    /**
     * A certain record.
     *
     * @param offset of it
     * @return Kafka's {@code --to-offset}
     */
    static OffsetPlace offset(long offset) {
        return new Offset(offset);
    }

    /**
     * The first record of that time or a later one, or behind the last one.
     *
     * @param time of the records
     * @return Kafka's {@code --to-datetime}
     */
    static OffsetPlace time(Instant time) {
        return new Time(time);
    }

    /**
     * Some records from where the group is; from the first one, if it is nowhere.
     *
     * @param records forward, or back if negative
     * @return Kafka's {@code --shift-by}
     */
    static OffsetPlace shiftBy(long records) {
        return new Shift(records);
    }

    /** An end of a partition. */
    enum End implements OffsetPlace {
        /** Its first record. */
        EARLIEST,
        /** Behind its last record. */
        LATEST
    }

    /**
     * A certain record.
     *
     * @param offset of it
     */
    record Offset(long offset) implements OffsetPlace {}

    /**
     * A time.
     *
     * @param time of the records
     */
    record Time(Instant time) implements OffsetPlace {}

    /**
     * A distance.
     *
     * @param records forward, or back if negative
     */
    record Shift(long records) implements OffsetPlace {}
}
