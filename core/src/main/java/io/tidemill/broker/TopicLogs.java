package io.tidemill.broker;

import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.CloseHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logs of all topics: how they are named in the store, and which are open. */
public final class TopicLogs {
    private static final Logger LOG = LoggerFactory.getLogger(TopicLogs.class);

    private final LogStore store;
    private final Map<String, PartitionLog> open = new ConcurrentHashMap<>();

    TopicLogs(LogStore store) {
        this.store = store;
    }

    PartitionLog open(String topic, int partition, LogSettings settings) {
        return open(name(topic, partition), settings);
    }

    /** One of any name. */
    public PartitionLog open(String name, LogSettings settings) {
        PartitionLog log = store.openLog(name, settings);
        open.put(name, log);
        return log;
    }

    /** Those of a topic's partitions from the first on, up to the end: all, or none. */
    List<PartitionLog> openAll(String topic, int first, int end, int kept, LogSettings settings) {
        List<PartitionLog> logs = new ArrayList<>();
        try {
            for (int i = first; i < end; i++) {
                logs.add(open(topic, i, settings));
            }
            return logs;
        } catch (Throwable e) {
            drop(topic, first, kept, logs, e);
            throw e;
        }
    }

    /** Closes those from the first on, and deletes all but the kept ones: no topic has them. */
    void drop(String topic, int first, int kept, List<PartitionLog> logs, Throwable reason) {
        open.values().removeAll(logs);
        CloseHelper.closeAll(reason::addSuppressed, logs);
        for (int i = Math.max(first, kept); i < first + logs.size(); i++) {
            try {
                store.deleteLog(name(topic, i));
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    /** Somebody else closes it. */
    void forget(String topic, int partition) {
        forget(name(topic, partition));
    }

    /** The same, of any name. */
    public void forget(String name) {
        open.remove(name);
    }

    /** Or says why it cannot be deleted now. */
    void delete(String topic, int partition) {
        delete(name(topic, partition));
    }

    /** What is left of topics that are gone, because the broker ended in between. */
    void deleteRemoved(TopicsCore topics) {
        for (String log : store.logNames()) {
            int dash = log.lastIndexOf('-');
            if (dash > 0 && topics.isRemoved(log.substring(0, dash), partitionOf(log.substring(dash + 1)))) {
                delete(log);
            }
        }
    }

    private static int partitionOf(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            // Not one of ours.
            return Integer.MAX_VALUE;
        }
    }

    private void delete(String log) {
        try {
            store.deleteLog(log);
        } catch (TidemillException e) {
            LOG.warn("log of a deleted topic cannot be deleted now: log={}, reason={}", log, e.toString());
        }
    }

    /** The largest batch that the topic's log takes, which is open. */
    int batchBytesMax(String topic) {
        return Objects.requireNonNull(open.get(name(topic, 0))).batchBytesMax();
    }

    private static String name(String topic, int partition) {
        return topic + "-" + partition;
    }

    /** And the store. Finishes when some fail, and then says so. */
    void close() {
        List<AutoCloseable> parts = new ArrayList<>(open.values());
        parts.add(store);
        RuntimeException failure = new StorageException("the broker did not close cleanly");
        CloseHelper.closeAll(failure::addSuppressed, parts);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }
}
