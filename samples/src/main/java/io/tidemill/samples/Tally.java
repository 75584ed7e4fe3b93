package io.tidemill.samples;

import io.tidemill.ConsumerRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What one pass over the topic has seen: enough to tell a lost, doubled, changed or overtaken reading. */
final class Tally {
    private final Map<Integer, Long> countByPartition = new TreeMap<>();
    private final Map<String, Long> nextSequenceByVehicle = new HashMap<>();
    private long count;
    private long speedSum;
    private long outOfOrder;

    void add(ConsumerRecord<String, Reading> record) {
        Reading reading = record.value();
        if (record.key() == null || reading == null) {
            throw new IllegalStateException("a reading without vehicle or value: " + record);
        }
        long expected = nextSequenceByVehicle.getOrDefault(record.key(), 0L);
        if (reading.sequence() != expected) {
            outOfOrder++;
        }
        nextSequenceByVehicle.put(record.key(), reading.sequence() + 1);
        countByPartition.merge(record.partition(), 1L, Long::sum);
        count++;
        speedSum += reading.speedKmh();
    }

    long count() {
        return count;
    }

    long speedSum() {
        return speedSum;
    }

    long outOfOrder() {
        return outOfOrder;
    }

    Map<Integer, Long> countByPartition() {
        return countByPartition;
    }
}
