package io.tidemill.replication.raft;

import static io.tidemill.replication.raft.StagedCore.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemill.replication.raft.RaftMessage.TimeoutNow;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which wishes are carried out. */
class EffectsTest {
    private static final RaftSnapshot SNAPSHOT = new RaftSnapshot(5, 1, Membership.ofVoters(1), new byte[0]);

    private final Effects effects = new Effects();
    private final List<Call> calls = new ArrayList<>();

    private record Call(String verb, Object wish) {}

    private List<Call> carryOut() {
        calls.clear();
        effects.carryOut((RaftHost) Proxy.newProxyInstance(
                RaftHost.class.getClassLoader(), new Class<?>[] {RaftHost.class}, (proxy, method, arguments) -> {
                    calls.add(new Call(method.getName(), arguments[0]));
                    return null;
                }));
        return calls;
    }

    private List<String> verbs() {
        return carryOut().stream().map(Call::verb).toList();
    }

    @Test
    void isDurableBeforeItIsHeardAndHeardBeforeItIsSeen() {
        effects.readFailed(2);
        effects.readable(1);
        effects.publish(List.of(entry(6, 1)));
        effects.restore(SNAPSHOT);
        effects.publish(List.of(entry(6, 1)));
        effects.send(2, new TimeoutNow(1));
        effects.append(entry(6, 1));
        effects.saveSnapshot(SNAPSHOT);
        effects.truncateFrom(6);
        effects.append(entry(6, 2));
        effects.persist(Ballot.NONE);
        effects.flush(1);

        assertEquals(
                List.of(
                        "persist",
                        "truncateFrom",
                        "saveSnapshot",
                        "append",
                        "flush",
                        "send",
                        "restore",
                        "publish",
                        "onReadable",
                        "onReadFailed"),
                verbs());
        assertEquals(List.of(), carryOut());
    }

    @Test
    void severalStepsComeToOneWishOfEachKind() {
        effects.persist(new Ballot(1, 1));
        effects.append(entry(3, 1));
        effects.append(entry(4, 1));
        effects.flush(1);
        effects.persist(new Ballot(2, 1));
        effects.truncateFrom(4);
        effects.append(entry(4, 2));
        effects.flush(2);

        assertEquals(
                List.of(
                        new Call("persist", new Ballot(2, 1)),
                        new Call("truncateFrom", 4L),
                        new Call("append", List.of(entry(3, 1), entry(4, 2))),
                        new Call("flush", 2L)),
                carryOut());
    }

    @Test
    void nothingIsAppendedThatASnapshotReplaces() {
        effects.append(entry(3, 1));
        effects.publish(List.of(entry(2, 1)));
        effects.install(SNAPSHOT);
        effects.restore(SNAPSHOT);
        effects.append(entry(6, 2));

        assertEquals(
                List.of(
                        new Call("truncateFrom", 6L),
                        new Call("saveSnapshot", SNAPSHOT),
                        new Call("append", List.of(entry(6, 2))),
                        new Call("restore", SNAPSHOT)),
                carryOut());
    }
}
