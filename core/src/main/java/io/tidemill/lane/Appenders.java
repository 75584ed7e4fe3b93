package io.tidemill.lane;

import io.tidemill.codec.BatchCompressor;

/** Makes for each partition what its batches are handed to. */
@FunctionalInterface
public interface Appenders {
    /** Who has a log to himself. */
    Appenders LOCAL = LocalAppender::new;

    /**
     * A partition is added to a lane.
     *
     * @param log writes its log
     * @param compressor the lane's, which compresses one batch at a time
     */
    Appender newAppender(Partition partition, LogWriter log, BatchCompressor compressor);
}
