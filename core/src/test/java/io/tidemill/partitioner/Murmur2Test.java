package io.tidemill.partitioner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.tidemill.runtime.JvmAccess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * P03, first half: a key goes to Kafka's partition.
 *
 * <p>The golden file was made with {@code org.apache.kafka:kafka-clients:4.4.0}. To make it again:
 *
 * <pre>{@code
 * jshell --class-path kafka-clients-4.4.0.jar:slf4j-api-2.0.17.jar - > kafka-murmur2.tsv <<'EOF'
 * import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
 * import org.apache.kafka.common.utils.Utils;
 * Random random = new Random(20_000);
 * for (int i = 0; i < 10_000; i++) {
 *     byte[] key = new byte[i < 41 ? i : random.nextInt(41)];
 *     random.nextBytes(key);
 *     System.out.println(HexFormat.of().formatHex(key) + "\t" + Utils.murmur2(key)
 *             + "\t" + BuiltInPartitioner.partitionForKey(key, 3)
 *             + "\t" + BuiltInPartitioner.partitionForKey(key, 12)
 *             + "\t" + BuiltInPartitioner.partitionForKey(key, 1000));
 * }
 * /exit
 * EOF
 * }</pre>
 */
final class Murmur2Test {

    private static final int[] PARTITIONS = {3, 12, 1000};

    static {
        JvmAccess.ensureAgrona();
    }

    @Test
    void givesKafkasHashAndPartitionForTenThousandKeys() throws IOException {
        List<String> rows = goldenRows();

        assertEquals(10_000, rows.size());
        for (String row : rows) {
            String[] cells = row.split("\t");
            byte[] key = HexFormat.of().parseHex(cells[0]);
            UnsafeBuffer buffer = new UnsafeBuffer(key);
            assertEquals(Integer.parseInt(cells[1]), Murmur2.hash(buffer, 0, key.length), row);
            for (int i = 0; i < PARTITIONS.length; i++) {
                int partition = Murmur2.partition(buffer, 0, key.length, PARTITIONS[i]);
                assertEquals(Integer.parseInt(cells[2 + i]), partition, row);
            }
        }
    }

    @Test
    void readsOnlyTheKeysOwnBytes() {
        UnsafeBuffer alone = new UnsafeBuffer("vehicle-7".getBytes(UTF_8));
        UnsafeBuffer amongOthers = new UnsafeBuffer("###vehicle-7###".getBytes(UTF_8));

        int hash = Murmur2.hash(amongOthers, 3, 9);

        assertEquals(Murmur2.hash(alone, 0, 9), hash);
    }

    private static List<String> goldenRows() throws IOException {
        InputStream golden = Murmur2Test.class.getResourceAsStream("kafka-murmur2.tsv");
        assertNotNull(golden);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(golden, UTF_8))) {
            return reader.lines().toList();
        }
    }
}
