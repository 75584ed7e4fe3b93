/**
 * The seams: whatever is not deterministic — time, chance, threads, network, storage — enters Tidemill through one of
 * these interfaces, so that a whole broker can run in a test, on one thread, the same every time.
 */
@NullMarked
package io.tidemill.spi;

import org.jspecify.annotations.NullMarked;
