package io.tidemill.replication.node;

import io.tidemill.spi.LogStore;
import io.tidemill.spi.StateFile;

/**
 * Whether records may be gone that the cluster believes this broker to have. That is remembered until the cluster knows: a broker
 * that dies before it could tell must not come back as if nothing had happened.
 *
 * <p>Owned by the lane thread.
 */
final class LostTails {
    private static final byte[] TOLD = {0};
    private static final byte[] UNTOLD = {1};

    private final StateFile file;
    private boolean isUntold;

    /** Of a store that was opened just now. */
    LostTails(LogStore store) {
        this.file = store.stateFile("cluster.lost-tails");
        byte[] written = file.read();
        this.isUntold = store.mayHaveLostTails() || (written != null && written[0] == UNTOLD[0]);
        if (isUntold) {
            file.write(UNTOLD);
        }
    }

    /** Whether the cluster is still to be told. */
    boolean isUntold() {
        return isUntold;
    }

    /** The cluster counts on nothing any more that may be gone. */
    void onTold() {
        if (isUntold) {
            file.write(TOLD);
            isUntold = false;
        }
    }
}
