/**
 * The durable log store: a directory of logs, each an append-only file that Chronicle Queue writes and Tidemill reads,
 * checks and repairs by itself.
 *
 * <pre>
 *   tidemill.format          what the directory is, and in which version
 *   tidemill.lock            held while a broker has the directory open
 *   tidemill.owner           which process holds it; gone after a clean close
 *   logs/NAME/*.cq4          one log: excerpts, a batch in each
 *   logs/NAME/recovery-point up to where the log was complete when it was last closed
 *   state/NAME               small state that is replaced as a whole
 *   tmp/                     files on their way in or out; emptied by every open
 * </pre>
 */
@NullMarked
package io.tidemill.log;

import org.jspecify.annotations.NullMarked;
