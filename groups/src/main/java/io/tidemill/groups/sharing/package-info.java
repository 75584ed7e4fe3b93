/**
 * What a shared group decides of one partition: which of its records are whose, how often each was delivered, and which are done.
 * A pure core; requests and time go in, states come out, and replaying the last one gives the partition again, without locks.
 */
@NullMarked
package io.tidemill.groups.sharing;

import org.jspecify.annotations.NullMarked;
