/** Frames between brokers over UDP: the only package with sockets. */
@NullMarked
package io.tidemill.replication.udp;

import org.jspecify.annotations.NullMarked;
