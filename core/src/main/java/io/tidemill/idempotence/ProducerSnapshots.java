package io.tidemill.idempotence;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.spi.StateFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last two snapshots of one partition, each in a file of its own; the older one is replaced. So when the end of the log
 * is forgotten, and the newer one with it, there may still be one to begin with.
 *
 * <p>A snapshot that is not one of this log, because it counts what the log does not have, is erased before the log goes on:
 * later the log would reach its offset with other records. Owned by the lane thread.
 */
final class ProducerSnapshots {
    static final long NONE = -1;

    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);
    private static final byte[] ERASED = {};

    private final StateFile[] files;
    /** Of the snapshot in each of the files, or {@link #NONE}. */
    private final long[] offsets = {NONE, NONE};

    ProducerSnapshots(StateFile first, StateFile second) {
        files = new StateFile[] {first, second};
    }

    /**
     * Finds out which snapshots are of a log between these offsets, erases others, and puts the newest into states that know
     * nothing.
     *
     * @return up to where it counts, or {@link #NONE}
     * @throws io.tidemill.errors.StorageException when one could not be erased
     */
    long restore(ProducerStates states, long startOffset, long endOffset) {
        byte[][] contents = new byte[files.length][];
        for (int i = 0; i < files.length; i++) {
            byte[] content = read(i);
            offsets[i] = offset(content);
            // What it counts ends where something was deleted that it does not count, or behind what there is.
            if (offsets[i] < startOffset || offsets[i] > endOffset) {
                erase(i, content);
            }
            contents[i] = content;
        }
        for (int newest = newest(); offsets[newest] != NONE; newest = newest()) {
            try {
                ProducerSnapshotLayout.decode(contents[newest], states);
                return offsets[newest];
            } catch (CorruptRecordException e) {
                LOG.warn(
                        "snapshot of producers is of no use, more of the log is read instead: reason={}", e.toString());
                states.clear();
                erase(newest, contents[newest]);
            }
        }
        return NONE;
    }

    /** What cannot be read is as good as erased. */
    private byte[] read(int file) {
        try {
            byte[] content = files[file].read();
            return content == null ? ERASED : content;
        } catch (CorruptRecordException e) {
            LOG.warn("snapshot of producers is damaged, more of the log is read instead: reason={}", e.toString());
            return ERASED;
        }
    }

    private static long offset(byte[] content) {
        try {
            return content.length == 0 ? NONE : ProducerSnapshotLayout.offset(content);
        } catch (CorruptRecordException e) {
            LOG.warn("snapshot of producers cannot be read, more of the log is read instead: reason={}", e.toString());
            return NONE;
        }
    }

    /** Of both nothing is left. */
    void erase() {
        for (int i = 0; i < files.length; i++) {
            erase(i, read(i));
        }
    }

    private void erase(int file, byte[] content) {
        offsets[file] = NONE;
        if (content.length > 0) {
            files[file].write(ERASED);
        }
    }

    /** Writes another one in the place of the older. */
    void write(ProducerStates states, long offset) {
        int oldest = 1 - newest();
        files[oldest].write(ProducerSnapshotLayout.encode(states, offset));
        offsets[oldest] = offset;
    }

    /** Up to where the newest one counts, or {@link #NONE}. */
    long newestOffset() {
        return offsets[newest()];
    }

    private int newest() {
        return offsets[1] > offsets[0] ? 1 : 0;
    }
}
