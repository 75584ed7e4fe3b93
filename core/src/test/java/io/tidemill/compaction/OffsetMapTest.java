package io.tidemill.compaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.runtime.JvmAccess;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetMapTest {
    private static final long SEED = 3;

    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void answersAsAHashMapDoes() {
        RandomGenerator random = new SplittableRandom(SEED);
        Map<String, Long> model = new HashMap<>();
        OffsetMap map = new OffsetMap(5_000);
        for (long offset = 0; offset < 20_000; offset++) {
            String key = "k".repeat(random.nextInt(300)) + random.nextInt(10);
            UnsafeBuffer buffer = buffer(key);
            map.put(buffer, 3, buffer.capacity() - 3, offset);
            model.put(key, offset);

            String asked = "k".repeat(random.nextInt(300)) + random.nextInt(10);
            UnsafeBuffer askedBuffer = buffer(asked);
            long expected = model.getOrDefault(asked, OffsetMap.NULL_OFFSET);
            assertEquals(expected, map.get(askedBuffer, 3, askedBuffer.capacity() - 3), "seed=" + SEED);
        }
    }

    @Test
    void knowsAnEmptyKey() {
        OffsetMap map = new OffsetMap(1);
        UnsafeBuffer buffer = buffer("");
        assertEquals(OffsetMap.NULL_OFFSET, map.get(buffer, 3, 0));

        map.put(buffer, 3, 0, 0);

        assertEquals(0, map.get(buffer, 3, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 11, 12, 13, 95, 96, 97, 1_000, 98_304, 98_305})
    void hasRoomForAsManyKeysAsItIsAskedFor(long keys) {
        OffsetMap map = new OffsetMap(keys);

        for (int key = 0; key < keys; key++) {
            assertTrue(map.hasRoomFor(1), "key=" + key);
            UnsafeBuffer buffer = buffer("" + key);
            map.put(buffer, 3, buffer.capacity() - 3, key);
        }
    }

    @Test
    void hasABoundWhateverItIsAskedFor() {
        OffsetMap map = new OffsetMap(Long.MAX_VALUE);

        assertTrue(map.hasRoomFor(OffsetMap.KEYS_MAX));
        assertFalse(map.hasRoomFor(OffsetMap.KEYS_MAX + 1));
    }

    /** The key lies behind three bytes of something else. */
    private static UnsafeBuffer buffer(String key) {
        return new UnsafeBuffer(("..." + key).getBytes(UTF_8));
    }
}
