/** The groups of Tidemill: consumer groups with coordinator, assignors, offsets; share groups. It sees the core only. */
@NullMarked
package io.tidemill.groups;

import org.jspecify.annotations.NullMarked;
