/** Storage that is the heap: for unit tests, and for streams that need not outlive their process. */
@NullMarked
package io.tidemill.memory;

import org.jspecify.annotations.NullMarked;
