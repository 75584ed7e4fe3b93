package io.tidemill.replication.controller;

import java.util.ArrayList;
import java.util.List;

/**
 * Which brokers keep a partition. While it moves, those that are to have it come beside those that have it; when all of the
 * first are in sync, the others go.
 *
 * @param replicas all of them; the first is the preferred leader
 * @param adding those that are new
 * @param removing those that go in the end
 */
public record Assignment(List<Integer> replicas, List<Integer> adding, List<Integer> removing) {
    public Assignment {
        replicas = List.copyOf(replicas);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
    }

    public static Assignment of(List<Integer> replicas) {
        return new Assignment(replicas, List.of(), List.of());
    }

    public boolean isMoving() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** Those that keep it when nothing moves any more. */
    public List<Integer> target() {
        return without(replicas, removing);
    }

    /** Those that kept it before it began to move. */
    public List<Integer> original() {
        return without(replicas, adding);
    }

    /** Begins to move, from where it was before it moved. */
    Assignment movingTo(List<Integer> target) {
        List<Integer> original = original();
        List<Integer> leaving = without(original, target);
        List<Integer> all = new ArrayList<>(target);
        all.addAll(leaving);
        return new Assignment(all, without(target, original), leaving);
    }

    static List<Integer> without(List<Integer> all, List<Integer> taken) {
        return all.stream().filter(id -> !taken.contains(id)).toList();
    }
}
