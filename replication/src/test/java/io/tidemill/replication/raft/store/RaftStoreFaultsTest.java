package io.tidemill.replication.raft.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.errors.StorageException;
import io.tidemill.replication.raft.Ballot;
import io.tidemill.replication.raft.Membership;
import io.tidemill.replication.raft.Persisted;
import io.tidemill.replication.raft.RaftEntry;
import io.tidemill.replication.raft.RaftEntry.Proposal;
import io.tidemill.replication.raft.RaftSnapshot;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.LossyStorage;
import io.tidemill.spi.LossyStorage.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a core may wish, by a seed, and a fault at each write in turn: what is found then is what there was between two of the wishes, or
 * between two entries, and none that had been durable is missing.
 */
class RaftStoreFaultsTest {
    private static final int SEEDS = 8;
    private static final int STEPS = 10;
    private static final Membership MEMBERSHIP = Membership.ofVoters(1, 2, 3);

    static {
        JvmAccess.ensureAgrona();
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatItMayFindAfterAFaultAtEachWrite(Fault fault) {
        for (int seed = 0; seed < SEEDS; seed++) {
            int write = 0;
            boolean isReached = true;
            while (isReached) {
                try {
                    isReached = isWholeAfter(fault, write, seed);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("fault=" + fault + ", write=" + write + ", seed=" + seed, e);
                }
                write++;
            }
            assertTrue(write > 3 * STEPS, "writes=" + write);
        }
    }

    /** False if there are not so many writes. */
    private static boolean isWholeAfter(Fault fault, int write, long seed) {
        LossyStorage storage = new LossyStorage();
        SplittableRandom random = new SplittableRandom(seed);
        Walk walk = new Walk(random);
        storage.failAt(write, fault);

        boolean isFaulty = !walk.isDone(storage);
        if (random.nextBoolean()) {
            storage.crash(random);
        } else {
            storage.endProcess();
        }
        Persisted found = read(storage);
        assertTrue(walk.mayFind(found), () -> "found " + found + " after " + walk);
        storage.crash(random);
        assertEquals(found, read(storage));

        Walk further = new Walk(random, found);
        assertTrue(further.isDone(storage));
        storage.crash(random);
        assertTrue(further.mayFind(read(storage)));
        return isFaulty;
    }

    /** A core takes what it starts with for durable. */
    private static Persisted read(LossyStorage storage) {
        try (LogStore store = storage.open()) {
            return read(store);
        } finally {
            storage.endProcess();
        }
    }

    private static Persisted read(LogStore store) {
        try (RaftStore raft = new RaftStore(store, MEMBERSHIP)) {
            assertEquals(1, store.logNames().size(), () -> "logs=" + store.logNames());
            return raft.read();
        }
    }

    /** A core's wishes, and all that the disk has become by them, one after the other. */
    private static final class Walk {
        private final RandomGenerator random;
        private final List<Persisted> states = new ArrayList<>();
        private int durable;

        Walk(RandomGenerator random) {
            this(random, Persisted.nothing(MEMBERSHIP));
        }

        Walk(RandomGenerator random, Persisted found) {
            this.random = random;
            states.add(found);
        }

        boolean mayFind(Persisted found) {
            return states.subList(durable, states.size()).contains(found);
        }

        /** To the end, or to a failure, after which nothing more may be wished. */
        boolean isDone(LossyStorage storage) {
            try (LogStore store = storage.open()) {
                boolean isDone = isDone(store);
                if (!isDone && storage.isAlive()) {
                    Persisted found = read(store);
                    assertTrue(mayFind(found), () -> "found " + found + " in the same store after " + this);
                }
                return isDone;
            }
        }

        private boolean isDone(LogStore store) {
            try (RaftStore raft = new RaftStore(store, MEMBERSHIP)) {
                return isDone(raft);
            } catch (StorageException e) {
                // When it was opened.
                return false;
            }
        }

        private boolean isDone(RaftStore raft) {
            try {
                for (int i = 0; i < STEPS; i++) {
                    step(raft);
                }
                return true;
            } catch (StorageException e) {
                assertThrows(IllegalStateException.class, () -> raft.persist(Ballot.NONE));
                assertThrows(IllegalStateException.class, raft::flush);
                return false;
            }
        }

        /** In the order of the effects. */
        private void step(RaftStore raft) {
            if (random.nextInt(3) == 0) {
                persist(raft);
            }
            if (random.nextInt(4) == 0) {
                truncate(raft);
            }
            if (random.nextInt(4) == 0) {
                saveSnapshot(raft);
            }
            if (random.nextInt(4) != 0) {
                append(raft, 1 + random.nextInt(4));
            }
            raft.flush();
            durable = states.size() - 1;
        }

        private Persisted now() {
            return states.get(states.size() - 1);
        }

        private long lastIndex() {
            return now().snapshot().index() + now().entries().size();
        }

        private void persist(RaftStore raft) {
            Ballot ballot = new Ballot(now().ballot().term() + 1, random.nextInt(3));
            states.add(new Persisted(ballot, now().snapshot(), now().entries()));
            raft.persist(ballot);
            durable = states.size() - 1;
        }

        private void truncate(RaftStore raft) {
            int kept = random.nextInt(now().entries().size() + 1);
            long fromIndex = now().snapshot().index() + 1 + kept;
            states.add(new Persisted(
                    now().ballot(), now().snapshot(), now().entries().subList(0, kept)));
            raft.truncateFrom(fromIndex);
            durable = states.size() - 1;
        }

        /** Of what is there, or of more. */
        private void saveSnapshot(RaftStore raft) {
            int taken = 1 + random.nextInt(now().entries().size() + 3);
            RaftSnapshot snapshot = new RaftSnapshot(
                    now().snapshot().index() + taken, now().ballot().term(), MEMBERSHIP, new byte[random.nextInt(9)]);
            int size = now().entries().size();
            states.add(new Persisted(now().ballot(), snapshot, now().entries().subList(Math.min(taken, size), size)));
            raft.saveSnapshot(snapshot);
            durable = states.size() - 1;
        }

        private void append(RaftStore raft, int count) {
            List<RaftEntry> appended = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                RaftEntry entry =
                        new RaftEntry(lastIndex() + 1, random.nextInt(), new Proposal(new byte[random.nextInt(50)]));
                appended.add(entry);
                List<RaftEntry> entries = new ArrayList<>(now().entries());
                entries.add(entry);
                states.add(new Persisted(now().ballot(), now().snapshot(), entries));
            }
            raft.append(appended);
        }

        @Override
        public String toString() {
            return "durable " + states.get(durable) + ", last " + now();
        }
    }
}
