/**
 * What a group decides: who is a member, who has which partition, and how far it is read. A pure core; requests and time go in,
 * events and answers come out, and replaying the events gives the same state again.
 */
@NullMarked
package io.tidemill.groups.coordinator;

import org.jspecify.annotations.NullMarked;
