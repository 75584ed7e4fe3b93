/** Reliable, ordered messages between brokers over an unreliable transport; without a clock, a thread or a socket. */
@NullMarked
package io.tidemill.replication.link;

import org.jspecify.annotations.NullMarked;
