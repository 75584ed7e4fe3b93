package io.tidemill.metrics;

import jdk.jfr.FlightRecorder;

/** Whether the JVM's flight recorder is in use. Apart from {@link FlightEvents}, because a JVM may lack its module. */
final class FlightRecorderUse {
    private FlightRecorderUse() {}

    /** Stays so once somebody has recorded. Costs a look at one word. */
    static boolean hasBegun() {
        return FlightRecorder.isInitialized();
    }
}
