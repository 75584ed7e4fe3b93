/** The broker on one node: it opens, wires and closes what the other packages do, and is the API's implementation. */
@NullMarked
package io.tidemill.broker;

import org.jspecify.annotations.NullMarked;
