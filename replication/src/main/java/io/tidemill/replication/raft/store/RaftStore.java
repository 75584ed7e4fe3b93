package io.tidemill.replication.raft.store;

import io.tidemill.errors.StorageException;
import io.tidemill.metadata.TopicsCore;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.Persisted;
import io.tidemill.replication.raft.RaftCore;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftHost;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.replication.raft.store.RaftStoreLayout.KeptSnapshot;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.StateFile;
import java.util.List;
import org.agrona.CloseHelper;

/**
 * Keeps what a {@link RaftCore} wishes to be durable, as {@link RaftHost} has it, in the store of a broker: the ballot and the
 * snapshot as small state, the entries behind the snapshot in a log.
 *
 * <p>A log cannot be cut at its front, so each snapshot begins another one, its next generation: what is behind the snapshot is copied
 * and flushed; then the snapshot is replaced, and says in the same moment which generation counts; then the former
 * one is deleted. Whatever is found of other generations is of no use to anybody.
 *
 * <p>All but {@link #append} is durable when it returns, and appends are followed by a {@link #flush} before anything else is wished; so
 * a crash leaves what had been done up to some moment, and never less than what was flushed.
 *
 * <p>When a call fails, it is not known what came of it. All later ones are refused, so that nothing is kept behind a gap; another
 * store, opened in the same place, finds what there is, and a core goes on with that as after a crash. Owned by the core's thread.
 */
public final class RaftStore implements AutoCloseable {
    private static final String NAME = TopicsCore.METADATA_TOPIC;
    /** Of the log of a broker that belongs to no cluster. */
    private static final String NAME_OF_SINGLE_BROKER = NAME + "-0";

    private static final int FIRST_GENERATION = 1;

    private final LogStore store;
    private final StateFile ballotFile;
    private final StateFile snapshotFile;
    private int generation;
    private EntryLog log;
    private boolean isWhole = true;

    /**
     * Opens what is there, or begins.
     *
     * @param store outlives this
     * @param firstMembership of a server that has nothing yet; otherwise it says nothing
     */
    public RaftStore(LogStore store, Membership firstMembership) {
        this.store = store;
        this.ballotFile = store.stateFile(NAME + ".ballot");
        this.snapshotFile = store.stateFile(NAME + ".snapshot");
        if (snapshotFile.read() == null) {
            begin(firstMembership);
        } else {
            // A process that died while it replaced a file may have left what a crash of the machine would take back.
            ballotFile.write(content(ballotFile));
            snapshotFile.write(content(snapshotFile));
        }
        KeptSnapshot kept = RaftStoreLayout.snapshot(content(snapshotFile));
        this.generation = kept.generation();
        this.log = openLog(generation, kept.snapshot());
        try {
            log.flush();
            deleteOtherLogs();
        } catch (Throwable e) {
            CloseHelper.close(e::addSuppressed, log);
            throw e;
        }
    }

    /** The members are kept as well: they must not be others, should this be opened with others. */
    private void begin(Membership firstMembership) {
        if (store.logNames().stream().anyMatch(RaftStore::isOfCluster)) {
            throw new StorageException("entries of a cluster without their snapshot: logs=" + store.logNames());
        }
        RaftSnapshot beginning = RaftSnapshot.beginning(firstMembership);
        ballotFile.write(RaftStoreLayout.bytes(Ballot.NONE));
        snapshotFile.write(RaftStoreLayout.bytes(new KeptSnapshot(FIRST_GENERATION, beginning)));
    }

    private static byte[] content(StateFile file) {
        byte[] bytes = file.read();
        if (bytes == null) {
            throw new StorageException("a server of a cluster has lost its ballot or its snapshot");
        }
        return bytes;
    }

    private EntryLog openLog(int ofGeneration, RaftSnapshot snapshot) {
        return new EntryLog(store, NAME + "-" + ofGeneration, snapshot.index() + 1);
    }

    private void deleteOtherLogs() {
        for (String name : store.logNames()) {
            if (isOfCluster(name) && !name.equals(log.name())) {
                store.deleteLog(name);
            }
        }
    }

    private static boolean isOfCluster(String logName) {
        return logName.startsWith(NAME + "-") && !logName.equals(NAME_OF_SINGLE_BROKER);
    }

    /** What a core starts with. */
    public Persisted read() {
        RaftSnapshot snapshot = RaftStoreLayout.snapshot(content(snapshotFile)).snapshot();
        return new Persisted(
                RaftStoreLayout.ballot(content(ballotFile)), snapshot, log.entriesFrom(snapshot.index() + 1));
    }

    public void persist(Ballot ballot) {
        change(() -> ballotFile.write(RaftStoreLayout.bytes(ballot)));
    }

    public void truncateFrom(long index) {
        change(() -> log.truncateFrom(index));
    }

    public void saveSnapshot(RaftSnapshot snapshot) {
        change(() -> {
            EntryLog former = log;
            log = nextLog(snapshot);
            generation++;
            former.close();
            store.deleteLog(former.name());
        });
    }

    /** From the moment that this returns, it is the one that counts. */
    private EntryLog nextLog(RaftSnapshot snapshot) {
        List<RaftEntry> kept = log.entriesFrom(snapshot.index() + 1);
        EntryLog next = openLog(generation + 1, snapshot);
        try {
            kept.forEach(next::append);
            next.flush();
            snapshotFile.write(RaftStoreLayout.bytes(new KeptSnapshot(generation + 1, snapshot)));
            return next;
        } catch (Throwable e) {
            CloseHelper.close(e::addSuppressed, next);
            throw e;
        }
    }

    public void append(List<RaftEntry> entries) {
        change(() -> entries.forEach(log::append));
    }

    public void flush() {
        change(log::flush);
    }

    private void change(Runnable act) {
        if (!isWhole) {
            throw new IllegalStateException("an earlier wish failed, open the store again");
        }
        isWhole = false;
        act.run();
        isWhole = true;
    }

    @Override
    public void close() {
        log.close();
    }
}
