/** What a partition remembers of the producers that number their records, so that none of these is appended twice. */
@NullMarked
package io.tidemill.idempotence;

import org.jspecify.annotations.NullMarked;
