/** What stays of a log when only the last record of each key is wanted; the same for every kind of storage. */
@NullMarked
package io.tidemill.compaction;

import org.jspecify.annotations.NullMarked;
