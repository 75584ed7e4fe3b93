/** How far a group has read, in a database: there it is committed together with what was made of the records. */
@NullMarked
package io.tidemill.groups.jdbc;

import org.jspecify.annotations.NullMarked;
