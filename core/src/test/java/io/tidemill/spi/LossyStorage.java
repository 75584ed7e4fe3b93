package io.tidemill.spi;

import io.tidemill.errors.StorageException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A storage that loses what was not flushed when its machine crashes: all of it, or some from the end. One of its writes can be made
 * to fail, or to be the last that its process does.
 */
public final class LossyStorage implements Storage {
    /** What happens at a write. */
    public enum Fault {
        FAILS(0, false),
        /** The new content can be read, but a crash of the machine would take it back. */
        FAILS_IN_DOUBT(1, false),
        DIES_BEFORE(0, true),
        DIES_IN_BETWEEN(1, true),
        DIES_AFTER(2, true);

        /** Of two: what can be read is changed, then what survives a crash. */
        private final int steps;

        private final boolean isDeadly;

        Fault(int steps, boolean isDeadly) {
            this.steps = steps;
            this.isDeadly = isDeadly;
        }
    }

    private static final int NEVER = -1;

    private final Clock clock = new SetClock(0);
    private final Storage memory = Storage.inMemory();
    private final Map<String, Long> flushedOffsets = new HashMap<>();
    private final Map<String, byte[]> states = new HashMap<>();
    private final Map<String, byte[]> durableStates = new HashMap<>();
    private @Nullable LogStore opened;
    private int writesUntilFault = NEVER;
    private Fault fault = Fault.FAILS;
    private boolean isDead;
    private boolean isTailLost;

    /** The n-th write from now on, counted from 0. */
    public void failAt(int write, Fault newFault) {
        writesUntilFault = write;
        fault = newFault;
    }

    public boolean isAlive() {
        return !isDead;
    }

    /** Another process may open it. */
    public void endProcess() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
        writesUntilFault = NEVER;
        isDead = false;
    }

    public void crash(RandomGenerator random) {
        endProcess();
        isTailLost = true;
        states.clear();
        states.putAll(durableStates);
        try (LogStore store = memory.open(clock)) {
            // In order: which log loses how much must not depend on where a set has them.
            for (String name : new TreeSet<>(store.logNames())) {
                PartitionLog log = store.openLog(name);
                long flushedOffset = flushedOffsets.getOrDefault(name, 0L);
                log.truncate(flushedOffset + random.nextLong(log.endOffset() - flushedOffset + 1));
                flushedOffsets.put(name, log.endOffset());
            }
        }
    }

    public LogStore open() {
        return open(clock);
    }

    @Override
    public LogStore open(Clock ofBroker) {
        opened = new LossyStore(memory.open(ofBroker));
        return opened;
    }

    private void write(Runnable change, Runnable makeDurable) {
        if (isDead) {
            throw new StorageException("the process is dead");
        }
        boolean isFaulty = writesUntilFault == 0;
        int steps = isFaulty ? fault.steps : 2;
        if (steps > 0) {
            change.run();
        }
        if (steps > 1) {
            makeDurable.run();
        }
        if (writesUntilFault != NEVER) {
            writesUntilFault--;
        }
        if (isFaulty) {
            isDead = fault.isDeadly;
            throw new StorageException("planted fault: " + fault);
        }
    }

    private void write(Runnable change) {
        write(change, () -> {});
    }

    private final class LossyStore extends ForwardingStore {
        private final boolean mayHaveLostTails = isTailLost;

        LossyStore(LogStore store) {
            super(store);
            isTailLost = false;
        }

        @Override
        public boolean mayHaveLostTails() {
            return mayHaveLostTails;
        }

        @Override
        public PartitionLog openLog(String name, LogSettings settings) {
            PartitionLog[] log = new PartitionLog[1];
            try {
                write(() -> log[0] = store.openLog(name, settings));
            } catch (StorageException e) {
                if (log[0] != null) {
                    log[0].close();
                }
                throw e;
            }
            return new LossyLog(name, log[0]);
        }

        @Override
        public void deleteLog(String name) {
            write(() -> {
                store.deleteLog(name);
                flushedOffsets.remove(name);
            });
        }

        @Override
        public StateFile stateFile(String name) {
            return new StateFile() {
                @Override
                public byte @Nullable [] read() {
                    return states.get(name);
                }

                @Override
                public void write(byte[] content) {
                    LossyStorage.this.write(
                            () -> states.put(name, content.clone()), () -> durableStates.put(name, content.clone()));
                }

                @Override
                public void delete() {
                    LossyStorage.this.write(() -> states.remove(name), () -> durableStates.remove(name));
                }
            };
        }
    }

    private final class LossyLog extends ForwardingLog {
        private final String name;

        LossyLog(String name, PartitionLog log) {
            super(log);
            this.name = name;
        }

        @Override
        public void append(DirectBuffer buffer, int index, int length) {
            write(() -> log.append(buffer, index, length));
        }

        @Override
        public void truncate(long endOffset) {
            write(() -> {
                log.truncate(endOffset);
                flushedOffsets.computeIfPresent(name, (same, offset) -> Math.min(offset, log.endOffset()));
            });
        }

        @Override
        public void beginAt(long startOffset) {
            write(() -> {
                log.beginAt(startOffset);
                flushedOffsets.put(name, startOffset);
            });
        }

        @Override
        public void flush() {
            write(() -> {}, () -> flushedOffsets.put(name, log.endOffset()));
        }
    }
}
