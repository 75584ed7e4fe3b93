package io.tidemill.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.MetricsListener;
import io.tidemill.spi.Clock;
import io.tidemill.spi.SetClock;
import org.junit.jupiter.api.Test;

/** What is paid for telling, and what it costs when the one who is told fails. */
class PartitionProbeTest {
    private static final Clock FORBIDDEN = new Clock() {
        @Override
        public long nowNs() {
            throw new AssertionError("the clock was read");
        }

        @Override
        public long epochMs() {
            throw new AssertionError("the clock was read");
        }
    };

    @Test
    void countsWithoutReadingTheClockWhenNobodyListens() {
        PartitionProbe probe = new Telemetry(FORBIDDEN, null).newProbe("t", 0);

        for (int i = 0; i < 3; i++) {
            probe.onAppended(probe.beginAppend(), 0, 10, 1_000);
            probe.onFlushed(probe.beginFlush());
            probe.onBlocked(probe.beginBlock(), i == 0);
            probe.onRead(5, 400);
            probe.onRead(0, 0);
            probe.onFailed(2);
            probe.onFailed(0);
            probe.onRolled(10, 500);
            probe.onDeleted(10, 500);
        }

        PartitionCounters counters = probe.counters();
        assertEquals(3, counters.appendedBatches());
        assertEquals(30, counters.appendedRecords());
        assertEquals(3_000, counters.appendedBytes());
        assertEquals(3, counters.flushes());
        assertEquals(3, counters.blockedSends());
        assertEquals(1, counters.refusedSends());
        assertEquals(15, counters.readRecords());
        assertEquals(1_200, counters.readBytes());
        assertEquals(6, counters.failedRecords());
        assertEquals(3, counters.rolls());
        assertEquals(1_500, counters.deletedBytes());
    }

    @Test
    void aListenerThatThrowsIsNotCalledAgainByAnyPartition() {
        int[] calls = {0};
        Telemetry telemetry = new Telemetry(new SetClock(0), new MetricsListener() {
            @Override
            public void onAppend(String topic, int partition, int records, int bytes, long tookNs) {
                calls[0]++;
                throw new StackOverflowError("planted failure");
            }

            @Override
            public void onFlush(String topic, int partition, long tookNs) {
                calls[0]++;
            }
        });
        PartitionProbe first = telemetry.newProbe("t", 0);
        PartitionProbe second = telemetry.newProbe("t", 1);

        first.onFlushed(first.beginFlush());
        first.onAppended(first.beginAppend(), 0, 1, 100);
        first.onAppended(first.beginAppend(), 0, 1, 100);
        second.onFlushed(second.beginFlush());

        assertEquals(2, calls[0]);
        assertEquals(2, first.counters().appendedRecords());
        assertEquals(1, second.counters().flushes());
    }
}
