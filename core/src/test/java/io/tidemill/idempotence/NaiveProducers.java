package io.tidemill.idempotence;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The model: keeps every batch of a producer for as long as that is known, and looks through all of them. */
final class NaiveProducers {
    record Batch(
            long producerId,
            int epoch,
            int baseSequence,
            int recordCount,
            long baseOffset,
            long timestamp,
            long seenMs) {
        Batch seenAt(long nowMs) {
            return new Batch(producerId, epoch, baseSequence, recordCount, baseOffset, timestamp, nowMs);
        }

        long nextSequence() {
            return (baseSequence + (long) recordCount) % (1L << 31);
        }

        @Override
        public String toString() {
            return baseOffset + "@" + timestamp + ":" + baseSequence + "+" + recordCount;
        }
    }

    private final long expirationMs;
    private final int producersMax;
    /** In the order in which they appended last. */
    private final Map<Long, List<Batch>> byId = new LinkedHashMap<>();

    NaiveProducers(long expirationMs, int producersMax) {
        this.expirationMs = expirationMs;
        this.producersMax = producersMax;
    }

    NaiveProducers copy() {
        NaiveProducers copy = new NaiveProducers(expirationMs, producersMax);
        byId.forEach((id, batches) -> copy.byId.put(id, new ArrayList<>(batches)));
        return copy;
    }

    void append(Batch batch) {
        List<Batch> batches = byId.remove(batch.producerId());
        if (batches == null) {
            batches = new ArrayList<>();
            if (byId.size() == producersMax) {
                byId.remove(byId.keySet().iterator().next());
            }
        }
        batches.add(batch);
        byId.put(batch.producerId(), batches);
    }

    void expire(long nowMs) {
        Iterator<List<Batch>> all = byId.values().iterator();
        while (all.hasNext()) {
            if (nowMs - last(all.next()).seenMs() >= expirationMs) {
                all.remove();
            }
        }
    }

    /** What is to be said, with its details. */
    String check(long producerId, int epoch, int baseSequence, int recordCount) {
        List<Batch> batches = byId.get(producerId);
        if (batches == null) {
            return "NEXT";
        }
        if (epoch < last(batches).epoch()) {
            return "FENCED by " + last(batches).epoch();
        }
        if (epoch > last(batches).epoch()) {
            return baseSequence == 0 ? "NEXT" : "OUT_OF_ORDER, not 0";
        }
        List<Batch> remembered = remembered(batches);
        for (int i = remembered.size() - 1; i >= 0; i--) {
            Batch batch = remembered.get(i);
            if (batch.baseSequence() == baseSequence && batch.recordCount() == recordCount) {
                return "DUPLICATE of " + batch.baseOffset() + "@" + batch.timestamp();
            }
        }
        return baseSequence == last(batches).nextSequence()
                ? "NEXT"
                : "OUT_OF_ORDER, not " + last(batches).nextSequence();
    }

    /** Those behind the last change of the epoch, of which the last five count. */
    private static List<Batch> remembered(List<Batch> batches) {
        int first = batches.size();
        while (first > 0 && batches.get(first - 1).epoch() == last(batches).epoch()) {
            first--;
        }
        return batches.subList(Math.max(first, batches.size() - 5), batches.size());
    }

    List<Batch> batchesOf(long producerId) {
        return byId.getOrDefault(producerId, List.of());
    }

    static Batch last(List<Batch> batches) {
        return batches.get(batches.size() - 1);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        byId.forEach((id, batches) -> text.append(id)
                .append('/')
                .append(last(batches).epoch())
                .append(" seen ")
                .append(last(batches).seenMs())
                .append(' ')
                .append(remembered(batches))
                .append('\n'));
        return text.toString();
    }
}
