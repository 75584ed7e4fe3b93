/**
 * How many records per second: Tidemill's two tiers, and beside them, in the same run, what the machine and the libraries
 * underneath can do. {@link io.tidemill.benchmarks.Ratios} says whether the one is good enough for the other.
 */
@NullMarked
package io.tidemill.benchmarks;

import org.jspecify.annotations.NullMarked;
