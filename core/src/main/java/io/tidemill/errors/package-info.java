/** The world's faults as exceptions: each says whether a retry can help; a caller's mistake is no part of them. */
@NullMarked
package io.tidemill.errors;

import org.jspecify.annotations.NullMarked;
