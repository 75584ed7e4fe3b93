package io.tidemill.replication.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a core wishes, in one step or in several, and has it carried out in the order that is safe:
 * what must not be forgotten first, then what others hear, then what the caller sees. Several steps need one flush only.
 */
public final class Effects {
    private static final long NONE = Long.MAX_VALUE;

    private record Envelope(int toId, RaftMessage message) {}

    private @Nullable Ballot ballot;
    private long truncatedFrom = NONE;
    private @Nullable RaftSnapshot snapshot;
    private final List<RaftEntry> appended = new ArrayList<>();
    private boolean isDurable;
    private long write = NONE;
    private final List<Envelope> messages = new ArrayList<>();
    private @Nullable RaftSnapshot restored;
    private final List<RaftEntry> published = new ArrayList<>();
    private final List<Long> readable = new ArrayList<>();
    private final List<Long> unreadable = new ArrayList<>();

    void persist(Ballot newBallot) {
        ballot = newBallot;
        isDurable = true;
    }

    void saveSnapshot(RaftSnapshot newSnapshot) {
        snapshot = newSnapshot;
        isDurable = true;
    }

    void truncateFrom(long index) {
        appended.removeIf(entry -> entry.index() >= index);
        truncatedFrom = Math.min(truncatedFrom, index);
        isDurable = true;
    }

    /** Instead of the whole log. */
    void install(RaftSnapshot newSnapshot) {
        appended.clear();
        truncateFrom(newSnapshot.index() + 1);
        saveSnapshot(newSnapshot);
    }

    void append(RaftEntry entry) {
        appended.add(entry);
        isDurable = true;
    }

    /** Whether something was wished that must be durable, and no flush for it since. */
    boolean needsFlush() {
        return isDurable;
    }

    void flush(long newWrite) {
        write = newWrite;
        isDurable = false;
    }

    void send(int toId, RaftMessage message) {
        messages.add(new Envelope(toId, message));
    }

    void restore(RaftSnapshot newSnapshot) {
        published.clear();
        restored = newSnapshot;
    }

    void publish(List<RaftEntry> entries) {
        published.addAll(entries);
    }

    void readable(long readId) {
        readable.add(readId);
    }

    void readFailed(long readId) {
        unreadable.add(readId);
    }

    /** Tells the host all of it, in the order of {@link RaftHost}, and is empty then. */
    public void carryOut(RaftHost host) {
        if (ballot != null) {
            host.persist(ballot);
        }
        // A log that contradicts the snapshot goes first: behind the snapshot it would seem to continue it.
        if (truncatedFrom != NONE) {
            host.truncateFrom(truncatedFrom);
        }
        if (snapshot != null) {
            host.saveSnapshot(snapshot);
        }
        if (!appended.isEmpty()) {
            host.append(List.copyOf(appended));
        }
        if (write != NONE) {
            host.flush(write);
        }
        messages.forEach(envelope -> host.send(envelope.toId(), envelope.message()));
        if (restored != null) {
            host.restore(restored);
        }
        if (!published.isEmpty()) {
            host.publish(List.copyOf(published));
        }
        readable.forEach(host::onReadable);
        unreadable.forEach(host::onReadFailed);
        clear();
    }

    private void clear() {
        ballot = null;
        truncatedFrom = NONE;
        snapshot = null;
        appended.clear();
        write = NONE;
        messages.clear();
        restored = null;
        published.clear();
        readable.clear();
        unreadable.clear();
    }
}
