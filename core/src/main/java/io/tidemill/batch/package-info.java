/** A batch: the unit that is appended, stored, checked, replicated and read. One batch is one entry of a log. */
@NullMarked
package io.tidemill.batch;

import org.jspecify.annotations.NullMarked;
