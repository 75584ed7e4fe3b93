/**
 * Raft, as a pure core: how a few servers agree on one sequence of entries while some of them fail. Messages, completions of the
 * disk and time go in, wishes come out.
 */
@NullMarked
package io.tidemill.replication.raft;

import org.jspecify.annotations.NullMarked;
