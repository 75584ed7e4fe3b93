/** A broker of a cluster: what its thread does beside the lane, and what it agrees on with others. */
@NullMarked
package io.tidemill.replication.node;

import org.jspecify.annotations.NullMarked;
