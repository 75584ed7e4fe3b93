/**
 * The durable log store: a directory of logs, each in append-only files, its segments. Chronicle Queue writes the last of
 * them; Tidemill reads, checks and repairs all of them by itself.
 *
 * <pre>
 *   tidemill.format          what the directory is, and in which version
 *   tidemill.lock            held while a broker has the directory open
 *   tidemill.owner           which process holds it; gone after a clean close
 *   logs/NAME/OFFSET.*.cq4   the segment that is appended to, from that offset on: excerpts, a batch in each
 *   logs/NAME/OFFSET.segment a sealed one, which never changes
 *   logs/NAME/OFFSET.index   where in a sealed one its batches lie; made again when it is lost
 *   logs/NAME/manifest       which segments count, and how much of each
 *   logs/NAME/recovery-point up to where the last segment was complete when it was closed
 *   state/NAME               small state that is replaced as a whole
 *   tmp/                     files on their way in or out; emptied by every open
 * </pre>
 *
 * <p>Who does not hold the directory, to verify, to dump or to read beside its broker, touches none of this.
 */
@NullMarked
package io.tidemill.log;

import org.jspecify.annotations.NullMarked;
