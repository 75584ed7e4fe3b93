package io.tidemill.benchmarks;

import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RecordView;
import org.agrona.DirectBuffer;

/** Takes values and, in the end, says whether they were the right ones. Used by one thread at a time. */
final class Sum implements RawConsumer.RecordHandler {
    private long count;
    private long sum;

    void reset() {
        count = 0;
        sum = 0;
    }

    long count() {
        return count;
    }

    void add(DirectBuffer buffer, int index, int length) {
        if (length != Payload.LENGTH) {
            throw new IllegalStateException("value of a wrong length: length=" + length + ", record=" + count);
        }
        sum += Payload.sum(buffer, index);
        count++;
    }

    @Override
    public void onRecord(RecordView record) {
        add(record.buffer(), record.valueIndex(), record.valueLength());
    }

    /** Fails the benchmark unless exactly those values came. */
    long check(long firstNumber, long expectedCount) {
        long expectedSum = Payload.sumOf(firstNumber, expectedCount);
        if (count != expectedCount || sum != expectedSum) {
            throw new IllegalStateException("not the records that were written: count=" + count + ", expectedCount="
                    + expectedCount + ", sum=" + sum + ", expectedSum=" + expectedSum);
        }
        return sum;
    }
}
