package io.tidemill.groups.member;

import io.tidemill.TopicPartition;
import io.tidemill.groups.SharedRecord;
import io.tidemill.groups.local.Verdict;
import io.tidemill.groups.sharing.Acknowledgement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a member was given and has not yet told what became of, with what it will tell. Used under the member's lock.
 */
final class HeldRecords<K, V> {
    private final Map<TopicPartition, OfPartition<K, V>> byPartition = new LinkedHashMap<>();
    /** Of offsets that nobody gets to see. */
    private final List<Verdict> unseen = new ArrayList<>();

    /** Of one partition, in ascending order; null of whom nothing is said yet. */
    private record OfPartition<K, V>(List<SharedRecord<K, V>> records, List<@Nullable Acknowledgement> said) {}

    /** It has it now. */
    void add(SharedRecord<K, V> record) {
        OfPartition<K, V> held = byPartition.computeIfAbsent(
                record.topicPartition(), id -> new OfPartition<>(new ArrayList<>(), new ArrayList<>()));
        held.records().add(record);
        held.said().add(null);
    }

    /** Nobody will say anything of these, which are no records or could not be read. */
    void addUnseen(Verdict verdict) {
        unseen.add(verdict);
    }

    /** Replaces what was said before. */
    void say(SharedRecord<K, V> record, Acknowledgement what) {
        OfPartition<K, V> held = byPartition.get(record.topicPartition());
        int index = held == null ? -1 : indexOf(held.records(), record.offset());
        if (held == null || index < 0) {
            throw new IllegalStateException(
                    "the member was not given it by the last poll, or has committed it: partition="
                            + record.topicPartition() + ", offset=" + record.offset());
        }
        held.said().set(index, what);
    }

    /** Of sorted ones; negative if it is not there. */
    private static <K, V> int indexOf(List<SharedRecord<K, V>> records, long offset) {
        int low = 0;
        int high = records.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compare(records.get(middle).offset(), offset);
            if (order == 0) {
                return middle;
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** Of whom nothing is said is accepted. */
    void acceptOthers() {
        byPartition
                .values()
                .forEach(held -> held.said().replaceAll(what -> what == null ? Acknowledgement.ACCEPT : what));
    }

    /** One of which nothing is said; null if there is none. */
    @Nullable
    SharedRecord<K, V> findUnsaid() {
        for (OfPartition<K, V> held : byPartition.values()) {
            int index = held.said().indexOf(null);
            if (index >= 0) {
                return held.records().get(index);
            }
        }
        return null;
    }

    /** What is said, neighbours together. */
    List<Verdict> verdicts() {
        List<Verdict> verdicts = new ArrayList<>(unseen);
        byPartition.forEach((id, held) -> {
            int first = 0;
            for (int next = 1; next <= held.records().size(); next++) {
                if (next == held.records().size() || !areNeighbours(held, next - 1, next)) {
                    Acknowledgement what = held.said().get(first);
                    if (what != null) {
                        verdicts.add(new Verdict(
                                id,
                                held.records().get(first).offset(),
                                held.records().get(next - 1).offset(),
                                what));
                    }
                    first = next;
                }
            }
        });
        return verdicts;
    }

    private static <K, V> boolean areNeighbours(OfPartition<K, V> held, int index, int next) {
        return held.said().get(index) == held.said().get(next)
                && held.records().get(index).offset() + 1
                        == held.records().get(next).offset();
    }

    /**
     * What was said is told.
     *
     * @param refused some of which may be of none that it saw
     * @return the records of those
     */
    List<SharedRecord<K, V>> onTold(List<Verdict> refused) {
        List<SharedRecord<K, V>> lost = new ArrayList<>();
        for (Verdict verdict : refused) {
            OfPartition<K, V> held = byPartition.get(verdict.partition());
            for (long offset = verdict.firstOffset(); held != null && offset <= verdict.lastOffset(); offset++) {
                int index = indexOf(held.records(), offset);
                if (index >= 0) {
                    lost.add(held.records().get(index));
                }
            }
        }
        unseen.clear();
        byPartition.values().removeIf(HeldRecords::dropSaid);
        return lost;
    }

    /** Whether nothing is left. */
    private static <K, V> boolean dropSaid(OfPartition<K, V> held) {
        for (int index = held.records().size() - 1; index >= 0; index--) {
            if (held.said().get(index) != null) {
                held.records().remove(index);
                held.said().remove(index);
            }
        }
        return held.records().isEmpty();
    }
}
