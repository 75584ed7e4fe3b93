package io.tidemill.epoch;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.Batches;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LeaderEpochsTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final LeaderEpochs epochs = new LeaderEpochs();

    @Test
    void tellsWhereAnEpochEnds() {
        epochs.onEpoch(2, 0);
        epochs.onEpoch(3, 10);
        epochs.onEpoch(7, 25);

        assertEquals(new EpochEnd(2, 10), epochs.endOffsetFor(2, 30));
        assertEquals(new EpochEnd(3, 25), epochs.endOffsetFor(3, 30));
        assertEquals(new EpochEnd(3, 25), epochs.endOffsetFor(5, 30));
        assertEquals(new EpochEnd(7, 30), epochs.endOffsetFor(7, 30));
        assertEquals(7, epochs.lastEpoch());
    }

    /** Whoever comes from before its start begins there. */
    @Test
    void anEpochBeforeItsFirstEndsWhereThatBegins() {
        epochs.onEpoch(5, 100);

        assertEquals(new EpochEnd(2, 100), epochs.endOffsetFor(2, 130));
    }

    @Test
    void doesNotKnowAnEpochThatItDidNotComeTo() {
        assertEquals(EpochEnd.UNKNOWN, epochs.endOffsetFor(0, 0));
        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.lastEpoch());

        epochs.onEpoch(5, 100);

        assertEquals(EpochEnd.UNKNOWN, epochs.endOffsetFor(6, 130));
        assertEquals(EpochEnd.UNKNOWN, epochs.endOffsetFor(BatchLayout.NO_LEADER_EPOCH, 130));
    }

    @Test
    void anEpochThatWroteNothingGivesWay() {
        epochs.onEpoch(1, 0);
        epochs.onEpoch(2, 10);
        epochs.onEpoch(3, 10);

        assertEquals(new EpochEnd(1, 10), epochs.endOffsetFor(2, 20));
        assertEquals(3, epochs.epochOf(10));
    }

    @Test
    void forgetsWhatWasTruncated() {
        epochs.onEpoch(1, 0);
        epochs.onEpoch(2, 10);
        epochs.onEpoch(3, 20);

        epochs.truncateFromEnd(20);
        assertEquals(2, epochs.lastEpoch());
        epochs.truncateFromEnd(11);
        assertEquals(new EpochEnd(2, 11), epochs.endOffsetFor(2, 11));
        epochs.truncateFromEnd(0);

        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.lastEpoch());
    }

    @Test
    void forgetsWhatWasDeletedFromTheStart() {
        epochs.onEpoch(1, 0);
        epochs.onEpoch(2, 10);
        epochs.onEpoch(3, 20);

        epochs.truncateFromStart(9);
        assertEquals(1, epochs.epochOf(9));
        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.epochOf(8));
        epochs.truncateFromStart(10);
        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.epochOf(9));
        assertEquals(new EpochEnd(1, 10), epochs.endOffsetFor(1, 30));
        epochs.truncateFromStart(25);

        assertEquals(3, epochs.epochOf(25));
        assertEquals(new EpochEnd(2, 25), epochs.endOffsetFor(2, 30));
    }

    @Test
    void refusesWhatDoesNotRise() {
        epochs.onEpoch(3, 20);

        assertThrows(IllegalArgumentException.class, () -> epochs.onEpoch(2, 30));
        assertThrows(IllegalArgumentException.class, () -> epochs.onEpoch(4, 19));
        assertThrows(IllegalArgumentException.class, () -> new LeaderEpochs().onEpoch(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new LeaderEpochs().onEpoch(0, -1));
        assertEquals(3, epochs.lastEpoch());
    }

    @Test
    void readsTheHeadersOfBatches() {
        UnsafeBuffer batch = Batches.numbered(40, 2);
        epochs.onBatch(batch, 0);
        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.lastEpoch());

        batch.putInt(BatchLayout.LEADER_EPOCH, 6, LITTLE_ENDIAN);
        epochs.onBatch(batch, 0);

        assertEquals(new EpochEnd(6, 42), epochs.endOffsetFor(6, 42));
        assertEquals(6, epochs.epochOf(40));
        assertEquals(BatchLayout.NO_LEADER_EPOCH, epochs.epochOf(39));
    }

    @Test
    void writesTheSameBytesForEver() {
        epochs.onEpoch(0x01020304, 0x1112131415161718L);
        epochs.onEpoch(0x01020305, 0x2112131415161718L);

        assertEquals("""
                01000000 02000000 18171615 14131211
                04030201 00000000 18171615 14131221
                05030201 00000000""", Batches.hex(epochs.encode()));
        assertArrayEquals(epochs.encode(), LeaderEpochs.decode(epochs.encode()).encode());
    }

    @Test
    void refusesBytesThatItDoesNotWrite() {
        epochs.onEpoch(1, 10);
        epochs.onEpoch(2, 20);
        byte[] bytes = epochs.encode();

        for (int length = 0; length < bytes.length + 40; length++) {
            byte[] other = Arrays.copyOf(bytes, length);
            if (length != bytes.length) {
                assertThrows(CorruptRecordException.class, () -> LeaderEpochs.decode(other), "length=" + length);
            }
        }
        assertRefused(bytes, 0, 2);
        assertRefused(bytes, 4, 1);
        assertRefused(bytes, 8, 20);
        assertRefused(bytes, 16, 2);
    }

    private static void assertRefused(byte[] bytes, int index, int value) {
        byte[] other = bytes.clone();
        other[index] = (byte) value;
        assertThrows(CorruptRecordException.class, () -> LeaderEpochs.decode(other), "index=" + index);
    }

    static LongStream seeds() {
        return LongStream.range(0, 50);
    }

    /** The model has an epoch for each offset. */
    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void agreesWithATableOfEveryOffset(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        LeaderEpochs walked = new LeaderEpochs();
        List<Integer> epochOf = new ArrayList<>();
        int startOffset = 0;
        int epoch = 0;
        for (int step = 0; step < 1_000; step++) {
            int endOffset = epochOf.size();
            switch (random.nextInt(6)) {
                case 0 -> {
                    epoch += random.nextInt(1, 4);
                    walked.onEpoch(epoch, endOffset);
                }
                case 1 -> {
                    int toOffset = random.nextInt(Math.max(startOffset, endOffset - 20), endOffset + 1);
                    walked.truncateFromEnd(toOffset);
                    epochOf.subList(toOffset, endOffset).clear();
                    // Whoever truncates hears of a new leader; the one before wrote what is left.
                    epoch++;
                }
                case 2 -> {
                    startOffset = random.nextInt(startOffset, Math.min(endOffset, startOffset + 5) + 1);
                    walked.truncateFromStart(startOffset);
                }
                case 3 -> walked = LeaderEpochs.decode(walked.encode());
                default -> {
                    walked.onEpoch(epoch, endOffset);
                    for (int i = random.nextInt(1, 8); i > 0; i--) {
                        epochOf.add(epoch);
                    }
                }
            }
            check(walked, epochOf, startOffset, random.nextInt(Math.max(0, epoch - 20), epoch + 1), seed);
        }
    }

    private static void check(LeaderEpochs walked, List<Integer> epochOf, int startOffset, int asked, long seed) {
        int endOffset = startOffset;
        int found = BatchLayout.NO_LEADER_EPOCH;
        for (int offset = startOffset; offset < epochOf.size(); offset++) {
            assertEquals(epochOf.get(offset), walked.epochOf(offset), "seed=" + seed + ", offset=" + offset);
            if (epochOf.get(offset) <= asked) {
                found = epochOf.get(offset);
                endOffset = offset + 1;
            }
        }
        EpochEnd end = walked.endOffsetFor(asked, epochOf.size());
        if (asked <= walked.lastEpoch() && found != BatchLayout.NO_LEADER_EPOCH) {
            assertEquals(endOffset, end.endOffset(), "seed=" + seed + ", asked=" + asked);
        }
        if (asked > walked.lastEpoch()) {
            assertEquals(EpochEnd.UNKNOWN, end, "seed=" + seed + ", asked=" + asked);
        }
    }
}
