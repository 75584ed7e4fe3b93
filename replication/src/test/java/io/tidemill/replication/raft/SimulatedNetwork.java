package io.tidemill.replication.raft;

import io.tidemill.replication.raft.RaftMessage.AppendRequest;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What becomes of messages on their way. It carries them as bytes. */
final class SimulatedNetwork {
    /** Takes a message that will arrive, unless it cannot pass by then. */
    interface Arrivals {
        void arrive(long delayNs, byte[] bytes);
    }

    private final SplittableRandom random;
    private final boolean[][] isCut;
    private final int lossPerMille;
    private final int doublePerMille;
    private final int latePerMille;
    private boolean isCalm;

    SimulatedNetwork(int servers, SplittableRandom random) {
        this.random = random;
        this.isCut = new boolean[servers + 1][servers + 1];
        this.lossPerMille = random.nextInt(4) == 0 ? 0 : random.nextInt(150);
        this.doublePerMille = random.nextInt(100);
        this.latePerMille = random.nextInt(100);
    }

    /** From now on nothing happens to messages. */
    void calm() {
        isCalm = true;
        heal();
    }

    void heal() {
        for (boolean[] cuts : isCut) {
            Arrays.fill(cuts, false);
        }
    }

    /** Into two sides. */
    void part() {
        boolean[] isOnOneSide = new boolean[isCut.length];
        for (int id = 1; id < isCut.length; id++) {
            isOnOneSide[id] = random.nextBoolean();
        }
        for (int from = 1; from < isCut.length; from++) {
            for (int to = 1; to < isCut.length; to++) {
                isCut[from][to] |= isOnOneSide[from] != isOnOneSide[to];
            }
        }
    }

    /** In this direction. */
    void cut(int fromId, int toId) {
        isCut[fromId][toId] = true;
    }

    /** From all, or only so that it cannot hear, or cannot be heard. */
    void cutOff(int id) {
        int how = random.nextInt(3);
        for (int other = 1; other < isCut.length; other++) {
            isCut[id][other] |= how != 0;
            isCut[other][id] |= how != 1;
        }
    }

    boolean passes(int fromId, int toId) {
        return !isCut[fromId][toId];
    }

    void carry(RaftMessage message, Arrivals arrivals) {
        carry(RaftMessageLayout.bytes(message), arrivals);
        if (!isCalm && message instanceof AppendRequest request && random.nextInt(5) == 0) {
            // The leader might as well have sent less at once.
            int some = random.nextInt(request.entries().size() + 1);
            carry(RaftMessageLayout.bytes(first(some, request)), arrivals);
        }
    }

    private static AppendRequest first(int some, AppendRequest request) {
        return new AppendRequest(
                request.term(),
                request.round(),
                request.prevIndex(),
                request.prevTerm(),
                request.commitIndex(),
                request.entries().subList(0, some));
    }

    private void carry(byte[] bytes, Arrivals arrivals) {
        if (isCalm) {
            arrivals.arrive(1_000, bytes);
            return;
        }
        for (int copies = random.nextInt(1_000) < doublePerMille ? 2 : 1; copies > 0; copies--) {
            if (random.nextInt(1_000) >= lossPerMille) {
                boolean isLate = random.nextInt(1_000) < latePerMille;
                arrivals.arrive(200 + random.nextInt(isLate ? 150_000 : 4_000), bytes);
            }
        }
    }
}
