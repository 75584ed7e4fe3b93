package io.tidemill.compaction;

import io.tidemill.spi.LogCursor;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * What a log lends to {@link Compaction}, on whose thread all of this is called, one pass at a time. The log's writer goes
 * on meanwhile.
 */
public interface CompactedLog {
    /** Everything below the part that is appended to, in order, each run beginning where the one before ends. */
    List<SealedRun> sealedRuns();

    /** Below this one, no key has two records. */
    long compactedOffset();

    LogCursor newCursor();

    /** Begins to write what will stand in the place of the run that begins there, and of some behind it. */
    Rewrite rewrite(long baseOffset);

    /** Remembers durably how far the log is compacted, unless it was truncated during the pass. */
    void compactedUpTo(long offset);

    /** What is written lies apart from the log until it replaces the runs, all at once or not at all. */
    interface Rewrite extends AutoCloseable {
        /** In order, each batch beginning where the one before ends. */
        void append(DirectBuffer buffer, int batchIndex, int length);

        /** What it takes so far. */
        long bytes();

        /**
         * Puts it in the place of the runs up to there; the last call before {@link #close}.
         *
         * @return false when the runs are not there any more as they were, and nothing has changed
         */
        boolean replaceRuns(long endOffset, long deleteHorizonMs);

        /** Removes what was written, if it replaced nothing. */
        @Override
        void close();
    }
}
