package io.tidemill.metrics;

/**
 * What the JVM's flight recorder is told of a partition. No type of {@code jdk.jfr} is in here, because a JVM may lack that
 * module: then {@link #NONE} stays, and nothing that needs it is ever loaded. Owned by the lane thread.
 */
interface FlightEvents {
    /** Where nobody records. */
    FlightEvents NONE = new FlightEvents() {
        @Override
        public void onAppendBegun() {}

        @Override
        public void onAppended(String topic, int partition, long baseOffset, int records, int bytes) {}

        @Override
        public void onFlushBegun() {}

        @Override
        public void onFlushed(String topic, int partition) {}

        @Override
        public void onRollBegun() {}

        @Override
        public void onRolled(String topic, int partition, long endOffset, long bytes) {}
    };

    boolean HAS_RECORDER = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    /** Not before somebody records: to make the events known to the recorder takes a tenth of a second. */
    static FlightEvents of(FlightEvents present) {
        return present == NONE && HAS_RECORDER && FlightRecorderUse.hasBegun() ? new RecordedEvents() : present;
    }

    void onAppendBegun();

    void onAppended(String topic, int partition, long baseOffset, int records, int bytes);

    void onFlushBegun();

    void onFlushed(String topic, int partition);

    void onRollBegun();

    void onRolled(String topic, int partition, long endOffset, long bytes);
}
