/** What a broker knows of its topics: an event log, and the state that replaying it gives. */
@NullMarked
package io.tidemill.metadata;

import org.jspecify.annotations.NullMarked;
