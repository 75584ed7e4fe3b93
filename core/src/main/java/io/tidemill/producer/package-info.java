/** Where a record's way begins: its partition is chosen, and it is encoded into the ring; where it ends, the answer. */
@NullMarked
package io.tidemill.producer;

import org.jspecify.annotations.NullMarked;
