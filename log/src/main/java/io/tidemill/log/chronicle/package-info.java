/** The only package that sees Chronicle Queue. Nothing of Chronicle shows in its API. */
@NullMarked
package io.tidemill.log.chronicle;

import org.jspecify.annotations.NullMarked;
