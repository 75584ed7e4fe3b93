/** What a server of a cluster must not forget, on its disk. */
@NullMarked
package io.tidemill.replication.raft.store;

import org.jspecify.annotations.NullMarked;
