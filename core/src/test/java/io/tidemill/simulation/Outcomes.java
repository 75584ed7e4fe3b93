package io.tidemill.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** What came of the seeds of a simulation: one that never did what it is there for has shown nothing. */
public final class Outcomes<O> {
    private final List<O> outcomes;

    private Outcomes(List<O> outcomes) {
        this.outcomes = outcomes;
    }

    /** One run. */
    public interface Simulation<O> {
        O run(long seed) throws Exception;
    }

    /** @throws AssertionError naming the first seed that fails */
    public static <O> Outcomes<O> of(String name, long firstSeed, int seeds, Simulation<O> simulation) {
        List<O> outcomes = new ArrayList<>(seeds);
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                outcomes.add(simulation.run(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(name + " fails: seed=" + seed, e);
            }
        }
        return new Outcomes<>(outcomes);
    }

    /** Requires that it happened more often than that, in a run. */
    public Outcomes<O> requireOnAverage(double moreThan, String what, ToLongFunction<O> count) {
        double average = outcomes.stream().mapToLong(count).average().orElse(0);
        assertTrue(average > moreThan, () -> what + "=" + average + ", must be more than " + moreThan);
        return this;
    }
}
