/** What keeps frames from being damaged unseen, and with a secret from being read, forged or replayed. */
@NullMarked
package io.tidemill.replication.secret;

import org.jspecify.annotations.NullMarked;
