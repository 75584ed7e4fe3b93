/** The replication of Tidemill: controller quorum, leaders and followers, UDP transport. It sees the core only. */
@NullMarked
package io.tidemill.replication;

import org.jspecify.annotations.NullMarked;
