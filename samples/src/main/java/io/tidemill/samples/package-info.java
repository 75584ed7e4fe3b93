/** Runnable examples, one idea each. */
@NullMarked
package io.tidemill.samples;

import org.jspecify.annotations.NullMarked;
