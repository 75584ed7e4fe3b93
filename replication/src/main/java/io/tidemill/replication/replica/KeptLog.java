package io.tidemill.replication.replica;

import io.tidemill.errors.TidemillException;
import io.tidemill.lane.LogWriter;
import io.tidemill.lane.Partition;
import io.tidemill.spi.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store of this broker has of a partition, as long as it keeps it.
 *
 * <p>Owned by the lane thread.
 */
final class KeptLog {
    private static final Logger LOG = LoggerFactory.getLogger(KeptLog.class);

    private final String name;
    private final LogWriter writer;
    private final LogStore store;

    KeptLog(String name, LogWriter writer, LogStore store) {
        this.name = name;
        this.writer = writer;
        this.store = store;
    }

    /** Of the log that was opened just now. */
    ReplicaLog open(Partition partition, MovableLog log, long nowMs) {
        return ReplicaLog.open(partition, log, name, writer, store, nowMs);
    }

    /** Of a log that is closed. What cannot be deleted now, goes when the broker is opened again. */
    void delete() {
        try {
            ReplicaLog.delete(name, store);
        } catch (TidemillException e) {
            LOG.warn(
                    "log of a partition that is kept elsewhere cannot be deleted now: log={}, reason={}",
                    name,
                    e.toString());
        }
    }
}
