package io.tidemill.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.batch.Batches;
import io.tidemill.batch.RecordLayout;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.Wakeup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The ring alone: order, sinks, references, closing, and that nothing is lost between many threads. */
class ProduceRingTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private static final int CAPACITY_BYTES = 64 * 1024;

    private final ProduceRing ring = new ProduceRing(CAPACITY_BYTES, new Wakeup(ThreadParker.INSTANCE));

    @Test
    void handsOverRunsInOrderWithTheirSinksAndPartitions() {
        List<RunSink> sinks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            OneRun sink = new OneRun();
            sinks.add(sink);
            put(i % 3, record(i), sink);
        }

        List<Integer> values = new ArrayList<>();
        int runs = ring.drain(
                (slot, buffer, index, length, sink) -> {
                    int value = valueOf(buffer, index);
                    values.add(value);
                    assertEquals(value % 3, slot);
                    assertSame(sinks.get(value), sink);
                },
                1000);

        assertEquals(100, runs);
        assertEquals(100, values.stream().distinct().count());
        assertEquals(values.stream().sorted().toList(), values);
        assertTrue(ring.isEmpty());
    }

    @Test
    void forgetsAnAbortedClaimAndItsSink() {
        int claim = ring.claim(0, record(1).capacity(), new OneRun());
        ring.abort(claim);
        put(0, record(2), null);

        List<@Nullable RunSink> sinks = new ArrayList<>();
        ring.drain((slot, buffer, index, length, sink) -> sinks.add(sink), 10);

        assertEquals(1, sinks.size());
        assertEquals(null, sinks.get(0));
    }

    @Test
    void givesBackPressureWhenFullAndRoomAgainWhenDrained() {
        int put = 0;
        while (tryPut(0, record(0), null) >= 0) {
            put++;
        }

        assertEquals(ProduceRing.BACK_PRESSURED, tryPut(0, record(0), null));
        assertEquals(put, drainAll());
        assertTrue(tryPut(0, record(0), null) >= 0);
    }

    @Test
    void keepsAPlaceForARunThatIsTooLong() {
        UnsafeBuffer large = new UnsafeBuffer(new byte[2 * CAPACITY_BYTES]);
        OneRun sink = new OneRun();
        put(0, record(1), null);
        ring.commit(ring.claimReference(7, large, sink));
        put(0, record(2), null);

        List<Integer> lengths = new ArrayList<>();
        ring.drain(
                (slot, buffer, index, length, runSink) -> {
                    lengths.add(length);
                    if (length == large.capacity()) {
                        assertSame(large, buffer);
                        assertSame(sink, runSink);
                        assertEquals(7, slot);
                    }
                },
                10);

        assertEquals(List.of(record(1).capacity(), large.capacity(), record(2).capacity()), lengths);
    }

    @Test
    void takesNothingAfterCloseAndStillGivesWhatItHas() {
        put(0, record(1), null);
        int claimedBefore = ring.claim(0, record(2).capacity(), null);
        ring.close();

        assertEquals(ProduceRing.CLOSED, ring.claim(0, 64, null));
        assertEquals(ProduceRing.CLOSED, ring.claimReference(0, record(3), null));
        ring.buffer().putBytes(claimedBefore, record(2), 0, record(2).capacity());
        ring.commit(claimedBefore);
        assertEquals(2, drainAll());
    }

    @Test
    void unblocksAClaimThatWasLeftOpen() {
        ring.claim(0, 64, null);
        put(0, record(1), null);
        assertEquals(0, drainAll());

        assertTrue(ring.unblock());

        assertEquals(1, drainAll());
        assertTrue(ring.isEmpty());
    }

    @Test
    void losesAndDoublesNothingBetweenManyThreads() throws InterruptedException {
        int threads = 4;
        int perThread = 50_000;
        AtomicInteger accepted = new AtomicInteger();
        List<OneRun> sinks = new ArrayList<>();
        List<Thread> producers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            OneRun sink = new OneRun();
            sinks.add(sink);
            int slot = t;
            Thread producer = new Thread(() -> {
                for (int i = 0; i < perThread; i++) {
                    UnsafeBuffer record = record(i);
                    while (tryPut(slot, record, sink) < 0) {
                        Thread.onSpinWait();
                    }
                    accepted.incrementAndGet();
                }
            });
            producer.start();
            producers.add(producer);
        }

        int[] next = new int[threads];
        int drained = 0;
        while (drained < threads * perThread) {
            drained += ring.drain(
                    (slot, buffer, index, length, sink) -> {
                        assertEquals(next[slot]++, valueOf(buffer, index));
                        assertSame(sinks.get(slot), sink);
                    },
                    100);
        }
        for (Thread producer : producers) {
            producer.join();
        }

        assertEquals(threads * perThread, accepted.get());
        assertTrue(ring.isEmpty());
    }

    private void put(int slot, UnsafeBuffer record, @Nullable RunSink sink) {
        assertTrue(tryPut(slot, record, sink) >= 0);
    }

    private int tryPut(int slot, UnsafeBuffer record, @Nullable RunSink sink) {
        int claim = ring.claim(slot, record.capacity(), sink);
        if (claim >= 0) {
            ring.buffer().putBytes(claim, record, 0, record.capacity());
            ring.commit(claim);
        }
        return claim;
    }

    private int drainAll() {
        int drained = 0;
        int runs;
        do {
            runs = ring.drain((slot, buffer, index, length, sink) -> {}, 1000);
            drained += runs;
        } while (runs > 0);
        return drained;
    }

    private static UnsafeBuffer record(int value) {
        byte[] bytes = new byte[Integer.BYTES + value % 50];
        new UnsafeBuffer(bytes).putInt(0, value);
        return Batches.record(RecordLayout.NO_TIMESTAMP, null, bytes);
    }

    private static int valueOf(DirectBuffer buffer, int record) {
        return buffer.getInt(RecordLayout.valueIndex(buffer, record));
    }
}
