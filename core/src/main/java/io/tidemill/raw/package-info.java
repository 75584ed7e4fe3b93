/** The raw tier: records are encoded in place and read in place, and nothing is allocated per record. */
@NullMarked
package io.tidemill.raw;

import org.jspecify.annotations.NullMarked;
