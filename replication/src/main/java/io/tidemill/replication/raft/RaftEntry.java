package io.tidemill.replication.raft;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the log.
 *
 * @param index its place; the first is 1
 * @param term of the leader that made it
 */
public record RaftEntry(long index, long term, Content content) {
    /** What it says. */
    public sealed interface Content {}

    /** What the caller proposed; nobody here looks into it. */
    public record Proposal(byte[] bytes) implements Content {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Proposal proposal && Arrays.equals(bytes, proposal.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** A leader's first entry: when it is committed, so is all in front of it. */
    public record NoOp() implements Content {}

    /** The cluster has these members as soon as this is in the log, committed or not. */
    public record Members(Membership membership) implements Content {}
}
