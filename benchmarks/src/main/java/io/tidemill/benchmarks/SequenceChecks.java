package io.tidemill.benchmarks;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.idempotence.ProducerStates;
import io.tidemill.idempotence.SequenceVerdict;
import io.tidemill.runtime.JvmAccess;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a lane pays for each batch so that none is appended twice. To be held against {@link LogAppend}, which tells what the
 * batch costs otherwise: {@code -p batchRecords=1,100}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 8, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SequenceChecks {
    private static final int BATCH_RECORDS = 100;
    private static final short EPOCH = 3;
    private static final long NOW_MS = 1_700_000_000_000L;

    /** They take turns. */
    @Param({"1", "1000"})
    public int producers;

    private UnsafeBuffer header;
    private ProducerStates states;
    private long producerId;
    private int sequence;
    private long baseOffset;

    /** Each producer has as many batches as are remembered. */
    @Setup
    public void fill() {
        JvmAccess.ensureAgrona();
        header = new UnsafeBuffer(new byte[BatchLayout.HEADER_LENGTH]);
        header.putInt(BatchLayout.LAST_OFFSET_DELTA, BATCH_RECORDS - 1, LITTLE_ENDIAN);
        header.putInt(BatchLayout.RECORD_COUNT, BATCH_RECORDS, LITTLE_ENDIAN);
        header.putShort(BatchLayout.PRODUCER_EPOCH, EPOCH, LITTLE_ENDIAN);
        states = new ProducerStates();
        for (int i = 0; i < producers * ProducerStates.BATCHES_PER_PRODUCER; i++) {
            checkAndAppend();
        }
    }

    /** The next batch of a producer: is it, and now it was appended. */
    @Benchmark
    public SequenceVerdict checkAndAppend() {
        SequenceVerdict verdict = states.check(producerId, EPOCH, sequence, BATCH_RECORDS);
        if (verdict != SequenceVerdict.NEXT) {
            throw new IllegalStateException("not the next: verdict=" + verdict + ", sequence=" + sequence);
        }
        header.putLong(BatchLayout.BASE_OFFSET, baseOffset, LITTLE_ENDIAN);
        header.putLong(BatchLayout.PRODUCER_ID, producerId, LITTLE_ENDIAN);
        header.putInt(BatchLayout.BASE_SEQUENCE, sequence, LITTLE_ENDIAN);
        states.onAppended(header, 0, NOW_MS);
        baseOffset += BATCH_RECORDS;
        if (++producerId == producers) {
            producerId = 0;
            sequence = ProducerStates.sequence(sequence, BATCH_RECORDS);
        }
        return verdict;
    }
}
