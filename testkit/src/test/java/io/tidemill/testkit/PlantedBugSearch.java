package io.tidemill.testkit;

import io.tidemill.planted.PatchedPackages;
import io.tidemill.replication.Cluster;
import io.tidemill.runtime.JvmAccess;
import java.util.ArrayList;
import java.util.List;

/** Looks for seeds of {@link ClusterSimulation} that find planted bugs, as the main class of a JVM of its own, in this module's directory. */
final class PlantedBugSearch {
    private PlantedBugSearch() {}

    /** From a seed to another one, for the bugs that are named, or for all; prints for each how many it takes. */
    public static void main(String[] args) throws ReflectiveOperationException {
        JvmAccess.ensureAgrona();
        List<PlantedBug> bugs = new ArrayList<>();
        for (int i = 2; i < args.length; i++) {
            bugs.add(PlantedBug.valueOf(args[i]));
        }
        for (PlantedBug bug : bugs.isEmpty() ? List.of(PlantedBug.values()) : bugs) {
            System.out.println(bug + ": " + search(bug, Long.parseLong(args[0]), Long.parseLong(args[1])));
        }
    }

    private static String search(PlantedBug bug, long from, long to) throws ReflectiveOperationException {
        PatchedPackages brokers = patched(bug);
        for (long seed = from; seed < to; seed++) {
            Throwable failure = brokers.failureOf(seed);
            if (failure != null) {
                return failure.getMessage();
            }
        }
        return "not found";
    }

    static PatchedPackages patched(PlantedBug bug) {
        return new PatchedPackages(
                ClusterSimulation.class,
                List.of(Cluster.class.getPackageName(), ClusterSimulation.class.getPackageName()),
                bug.patches());
    }
}
