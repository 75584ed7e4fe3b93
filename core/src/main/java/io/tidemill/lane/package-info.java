/** Station 2 of a record's way: the single writer of its partitions, and what it tells to those who wait. */
@NullMarked
package io.tidemill.lane;

import org.jspecify.annotations.NullMarked;
