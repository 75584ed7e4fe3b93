/** The coordinator of a broker's groups: it asks the core, writes down what happens, and wakes those whom it concerns. */
@NullMarked
package io.tidemill.groups.local;

import org.jspecify.annotations.NullMarked;
