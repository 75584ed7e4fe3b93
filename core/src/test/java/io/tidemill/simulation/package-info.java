/** Simulations that are run for many seeds. */
@NullMarked
package io.tidemill.simulation;

import org.jspecify.annotations.NullMarked;
