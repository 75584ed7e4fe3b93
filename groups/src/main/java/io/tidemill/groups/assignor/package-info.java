/** Who gets what: the ways in which a group's partitions go to its members. */
@NullMarked
package io.tidemill.groups.assignor;

import org.jspecify.annotations.NullMarked;
