package io.tidemill.testkit;

import io.tidemill.runtime.JvmAccess;

/** Runs seeds of {@link ClusterSimulation}, as the main class of a JVM of its own. */
final class ClusterSeeds {
    static final String FROM_PROPERTY = "from";
    static final String TO_PROPERTY = "to";

    private ClusterSeeds() {}

    /** Prints what came of each seed, and goes on behind one that fails. */
    public static void main(String[] args) {
        JvmAccess.ensureAgrona();
        for (long seed = Long.getLong(FROM_PROPERTY); seed < Long.getLong(TO_PROPERTY); seed++) {
            try {
                System.out.println(seed + " " + new ClusterSimulation(seed).run());
            } catch (AssertionError e) {
                System.out.println("FAILED " + e.getMessage());
            }
        }
    }
}
