/** Under which leaders a partition's records were written, and up to where each of them wrote. */
@NullMarked
package io.tidemill.epoch;

import org.jspecify.annotations.NullMarked;
