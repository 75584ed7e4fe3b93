/** A member of a group: a consumer that reads what the coordinator gives it. */
@NullMarked
package io.tidemill.groups.member;

import org.jspecify.annotations.NullMarked;
