package io.tidemill.replication.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the disk has been asked for and has not confirmed, and what may be said only then. Writes are numbered, because an index and
 * a term do not tell them apart: the same entry can be written, cut off and written again.
 *
 * <p>Whatever this server says, other than as a leader, is held back until everything is durable that was wished up to the end
 * of that step. That is more than each message rests on, and one rule instead of many.
 */
final class PendingWrites {
    /** With a disk that stands still, more messages are dropped: the network may lose them as well. */
    private static final int HELD_MAX = 1_000;

    private record Write(long number, long lastIndex) {}

    /** Waits for a write. */
    record Held(long write, int toId, RaftMessage message) {}

    private record Said(int toId, RaftMessage message) {}

    private final List<Write> pending = new ArrayList<>();
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private final List<Said> said = new ArrayList<>();
    private long lastWrite;
    private long completedWrite;
    private long durableIndex;

    PendingWrites(long durableIndex) {
        this.durableIndex = durableIndex;
    }

    /** Up to there, the log is durable as it is now. */
    long durableIndex() {
        return durableIndex;
    }

    /** The log is another one from there on: what is durable, or will be by writes that began, is in front of it. */
    void onTruncated(long fromIndex) {
        durableIndex = Math.min(durableIndex, fromIndex - 1);
        pending.replaceAll(write -> new Write(write.number(), Math.min(write.lastIndex(), fromIndex - 1)));
    }

    /** To be said when all is durable that was wished so far, and in this step. */
    void hold(int toId, RaftMessage message) {
        if (said.size() + held.size() < HELD_MAX) {
            said.add(new Said(toId, message));
        }
    }

    /** The step ends with such a log. If it wished anything durable, a write begins. */
    void endStep(long lastIndex, Effects out) {
        if (out.needsFlush()) {
            lastWrite++;
            pending.add(new Write(lastWrite, lastIndex));
            out.flush(lastWrite);
        }
        said.forEach(message -> held.add(new Held(lastWrite, message.toId(), message.message())));
        said.clear();
    }

    /** That one is durable, and those before it. */
    void complete(long write) {
        completedWrite = Math.max(completedWrite, write);
        while (!pending.isEmpty() && pending.get(0).number() <= write) {
            durableIndex = pending.remove(0).lastIndex();
        }
    }

    /** The next message that may be said now, in the order in which they were to be; null if there is none. */
    @Nullable
    Held release() {
        boolean isReady = !held.isEmpty() && held.element().write() <= completedWrite;
        return isReady ? held.remove() : null;
    }
}
