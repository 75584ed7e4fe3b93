/**
 * What a cluster decides about itself: which brokers there are, who lives, which topics, who keeps and who leads each partition. A
 * pure core; requests and time go in, events and answers come out, and replaying the events gives the same state on every broker.
 */
@NullMarked
package io.tidemill.replication.controller;

import org.jspecify.annotations.NullMarked;
