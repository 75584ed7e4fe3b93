/** Station 1 of a record's way: the ring between the threads that produce and the lane that writes. */
@NullMarked
package io.tidemill.ring;

import org.jspecify.annotations.NullMarked;
