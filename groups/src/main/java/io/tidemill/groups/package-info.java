/** The consumer groups of Tidemill: coordinator, assignors, offsets. It sees the core only. */
@NullMarked
package io.tidemill.groups;

import org.jspecify.annotations.NullMarked;
