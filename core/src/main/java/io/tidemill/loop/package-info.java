/** Handlers: a thread that gives records to the user's code, tries again, and says what is done with. */
@NullMarked
package io.tidemill.loop;

import org.jspecify.annotations.NullMarked;
