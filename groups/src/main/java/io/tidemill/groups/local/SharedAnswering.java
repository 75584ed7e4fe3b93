package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import io.tidemill.broker.HostBroker;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.errors.NetworkException;
import io.tidemill.errors.OffsetMismatchException;
import io.tidemill.errors.UnansweredException;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Looked;
import io.tidemill.groups.coordinator.GroupEventLayout;
import io.tidemill.runtime.CallerFuture;
import io.tidemill.runtime.CallerWait;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * By one of several brokers that all write the groups' log. Each knows the groups from the log. In a round it answers whatever
 * was asked by then, and appends all that this changes as one batch, on condition that the log ends where it was read to. If
 * another broker was first, that is read, the groups are made what the log says, and the same questions are asked again. Where it is
 * not known whether it was appended, what is read there tells. Who asks waits no longer than for other answers of the cluster.
 *
 * <p>One round is under way at a time. Rounds are made by whichever thread comes by, one at a time: one that asks, or the broker's
 * own when a round was written or the log has grown.
 */
final class SharedAnswering implements Answering {
    /** In one batch; more wait for the next round. */
    private static final int EVENTS_PER_ROUND_MAX = 1_000;

    /** How often it is looked whether members are still there. */
    private static final long LOOK_NS = Duration.ofMillis(250).toNanos();

    private final HostBroker broker;
    private final GroupTable table;
    private final SharedLog log;
    private final WrittenGroups written = new WrittenGroups();
    private final Expiry expiry;
    private final Queue<Asked<?>> asked = new ConcurrentLinkedQueue<>();
    private final OneAtATime rounds = new OneAtATime(this::makeRounds);

    // ---- owned by who makes the rounds

    private final Deque<Asked<?>> waiting = new ArrayDeque<>();
    /** Whether there is one, any thread may ask. */
    private volatile @Nullable Round underWay;
    /** One that a former leader may have appended: what the log has there tells whether it is written. */
    private @Nullable Round doubtful;

    /** Groups that became others by what was read, until all of that is. */
    private final Set<String> changed = new LinkedHashSet<>();

    /** Whether all that was written before this broker came is known. */
    private boolean hasLooked;

    /** While the log ends elsewhere than where it was read to, though nothing new can be read yet. */
    private final Pause pause = new Pause();

    private volatile boolean hasGroups;
    private volatile long lookDueNs;
    private volatile boolean isClosed;

    SharedAnswering(HostBroker broker, GroupTable table, String topic) {
        this.broker = broker;
        this.table = table;
        this.log = new SharedLog(broker, topic);
        this.expiry = new Expiry(broker.clock(), table);
        this.lookDueNs = broker.clock().nowNs() + LOOK_NS;
    }

    @Override
    public <T> T request(Question<T> question) {
        broker.callerWait().requireOpen();
        broker.callerWait().requireMayWait();
        return CallerFuture.await(enqueue(question));
    }

    @Override
    public <T> Answer<T> ask(Question<T> question) {
        broker.callerWait().requireOpen();
        return new Answer<>(null, enqueue(question));
    }

    private <T> CompletableFuture<T> enqueue(Question<T> question) {
        CompletableFuture<T> answer = new CallerFuture<>(broker.callerWait());
        asked.add(new Asked<>(question, answer, broker.clock().nowNs()));
        rounds.comeBy();
        return answer;
    }

    private void makeRounds() {
        try {
            if (isClosed) {
                failAll(new BrokerClosedException("the broker is closed", null));
                return;
            }
            boolean isMore = true;
            while (isMore) {
                isMore = finishRound() && readNews() && beginRound();
            }
            hasGroups = !table.isEmpty();
        } catch (RuntimeException e) {
            failAll(e);
        }
    }

    // ---- one round

    /** Answers whether none is under way any more. */
    private boolean finishRound() {
        Round round = underWay;
        if (round == null) {
            return true;
        }
        if (!round.written().isDone()) {
            return false;
        }
        underWay = null;
        Throwable failure = failure(round.written());
        if (failure == null) {
            onWritten(round);
            return true;
        }
        round.decided().stream().map(Decided::group).distinct().forEach(this::makeWhatIsWritten);
        pause.begin(broker.clock().nowNs());
        if (failure instanceof OffsetMismatchException) {
            askAgain(round);
        } else if (failure instanceof UnansweredException && failure.getCause() instanceof OffsetMismatchException) {
            doubtful = doubtful == null ? round : doubtful;
        } else {
            round.decided().forEach(decided -> fail(decided.asked(), failure));
        }
        return true;
    }

    private static @Nullable Throwable failure(CompletableFuture<?> written) {
        try {
            written.join();
            return null;
        } catch (RuntimeException e) {
            return e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** In front of those that came later. */
    private void askAgain(Round round) {
        for (int i = round.decided().size() - 1; i >= 0; i--) {
            waiting.addFirst(round.decided().get(i).asked());
        }
    }

    private void onWritten(Round round) {
        if (round.recordCount() > 0) {
            log.onAppended(round.recordCount());
            hasLooked = true;
            pause.reset();
            if (doubtful != null) {
                // This one is where that would be.
                askAgain(doubtful);
                doubtful = null;
            }
        }
        for (Decided decided : round.decided()) {
            decided.events().forEach(event -> written.onWritten(decided.group(), event));
            rounds.tell(decided.tell());
        }
        for (Decided decided : round.decided()) {
            table.announce(
                    table.home(decided.group()), decided.asked().question().memberId(), decided.events());
        }
        round.decided().forEach(decided -> table.settle(table.home(decided.group())));
    }

    /** Something else was decided of it, or nothing. */
    private void makeWhatIsWritten(String name) {
        LocalGroup group = written.group(name);
        LocalGroup before = table.home(name);
        group.core().onReplayedInstead(before.core(), broker.clock().nowNs());
        group.follow(before);
        table.put(group);
        // Before it forgets them: some may be members no more.
        group.callThoseBehind(null);
        table.settle(group);
    }

    /** What others have written. Answers whether all of it is known. */
    private boolean readNews() {
        if (log.hasNews()) {
            if (log.read(this::onNews) > 0) {
                pause.reset();
            }
            if (log.hasNews()) {
                // The rest is brought from another broker.
                return false;
            }
            changed.forEach(this::makeWhatIsWritten);
            changed.clear();
            clearDoubt();
        }
        return true;
    }

    /**
     * Where old events were compacted away, those that are left are not in the order in which they could happen: only in the end
     * they make a group.
     */
    private void onNews(long offset, byte[] key, byte @Nullable [] value) {
        String group = GroupEventLayout.group(key);
        GroupEvent event = GroupEventLayout.event(key, value);
        written.onWritten(group, event);
        if (GroupTable.concernsMembers(event)) {
            changed.add(group);
        } else {
            table.home(group).core().replay(event);
        }
        if (doubtful != null) {
            doubtful.onFound(offset, key, value);
        }
    }

    private void clearDoubt() {
        Round round = doubtful;
        if (round != null && round.isDecided(log.end())) {
            doubtful = null;
            if (round.isFound()) {
                hasLooked = true;
                round.decided().forEach(decided -> rounds.tell(decided.tell()));
            } else {
                askAgain(round);
            }
        }
    }

    /** Asks those that wait. Answers whether another round may begin at once. */
    private boolean beginRound() {
        lookAround();
        for (Asked<?> next = asked.poll(); next != null; next = asked.poll()) {
            waiting.add(next);
        }
        giveUpLate();
        boolean isAnyAsked = !waiting.isEmpty() || doubtful != null;
        if (isAnyAsked && pause.holds(broker.clock().nowNs())) {
            return false;
        }
        pause.end();
        if (!isAnyAsked) {
            return false;
        }
        List<Decided> decided = new ArrayList<>();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        boolean mustLook = !hasLooked || doubtful != null;
        while (doubtful == null && !waiting.isEmpty() && records.size() < EVENTS_PER_ROUND_MAX) {
            Asked<?> next = waiting.remove();
            Decided one = decide(next, decided);
            mustLook |= next.question().isFresh();
            decided.add(one);
            one.events().forEach(event -> records.add(GroupEventLayout.record(one.group(), event)));
        }
        if (records.isEmpty() && mustLook) {
            records.add(GroupEventLayout.record(
                    GroupTable.NOBODY, new Looked(broker.peers().self().brokerId())));
        }
        CompletableFuture<?> appended = append(records);
        underWay = new Round(decided, records, log.end(), appended);
        if (!records.isEmpty()) {
            // Behind that, or it would be done before it is under way.
            appended.whenComplete((done, failure) -> rounds.comeBy());
        }
        return appended.isDone();
    }

    /** Those that nobody waits for any longer; the others are in front of them only if they are asked again. */
    private void giveUpLate() {
        for (Asked<?> oldest = waiting.peek(); oldest != null && isLate(oldest); oldest = waiting.peek()) {
            fail(
                    waiting.remove(),
                    new NetworkException(
                            "the cluster cannot agree now, nothing was changed, try again: group="
                                    + oldest.question().group() + ", timeout="
                                    + broker.peers().patience(),
                            null));
        }
        Round round = doubtful;
        if (round != null && round.decided().stream().allMatch(one -> isLate(one.asked()))) {
            doubtful = null;
            round.decided()
                    .forEach(one -> fail(
                            one.asked(),
                            new UnansweredException("a former leader has not answered, and it may be so or not: group="
                                    + one.group())));
        }
    }

    private boolean isLate(Asked<?> one) {
        return broker.clock().nowNs() - one.sinceNs()
                >= CallerWait.timeoutNs(broker.peers().patience());
    }

    private CompletableFuture<?> append(List<ProducerRecord<byte[], byte[]>> records) {
        if (records.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            return log.append(records);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @param before what was decided in this round */
    private Decided decide(Asked<?> next, List<Decided> before) {
        String name = next.question().group();
        List<GroupEvent> events = new ArrayList<>();
        try {
            return next.decide(table.home(name), events);
        } catch (RuntimeException e) {
            if (!events.isEmpty()) {
                makeWhatIsWritten(name);
                before.stream()
                        .filter(decided -> decided.group().equals(name))
                        .forEach(decided ->
                                decided.events().forEach(table.home(name).core()::replay));
            }
            return next.refused(e);
        }
    }

    /** Members may be gone without a word: those that are here, or were, and those of brokers that are gone. */
    private void lookAround() {
        long nowNs = broker.clock().nowNs();
        if (nowNs - lookDueNs < 0) {
            return;
        }
        lookDueNs = nowNs + LOOK_NS;
        boolean isExpiryDue = expiry.isDue();
        if (isExpiryDue) {
            expiry.begin();
        }
        for (LocalGroup group : table.all()) {
            if (isExpiryDue) {
                askItself(group, expiry::expire);
            } else if (group.quietNs(GroupTable.NOBODY, nowNs) <= 0) {
                askItself(group, table::tick);
            }
        }
    }

    private interface Act {
        void on(LocalGroup group, List<GroupEvent> events);
    }

    private void askItself(LocalGroup group, Act act) {
        Question<Boolean> question = new Question<>(group.name(), null, false, (home, events) -> {
            act.on(home, events);
            return true;
        });
        waiting.add(
                new Asked<>(question, new CompletableFuture<>(), broker.clock().nowNs()));
    }

    // ---- the end

    private void fail(Asked<?> one, Throwable cause) {
        rounds.tell(() -> one.answer().completeExceptionally(cause));
    }

    private void failAll(RuntimeException cause) {
        Round round = underWay;
        if (round != null) {
            round.decided().forEach(decided -> fail(decided.asked(), cause));
            round.decided().stream().map(Decided::group).distinct().forEach(this::makeWhatIsWritten);
            underWay = null;
        }
        for (Asked<?> next = asked.poll(); next != null; next = asked.poll()) {
            waiting.add(next);
        }
        if (doubtful != null) {
            askAgain(doubtful);
            doubtful = null;
        }
        waiting.forEach(one -> fail(one, cause));
        waiting.clear();
    }

    // ---- by itself

    @Override
    public int doWork() {
        if (isClosed || underWay != null || !(log.hasNews() || isDue())) {
            return 0;
        }
        rounds.comeBy();
        return 1;
    }

    private boolean isDue() {
        long nowNs = broker.clock().nowNs();
        return pause.isOver(nowNs) || (hasGroups && nowNs - lookDueNs >= 0);
    }

    @Override
    public long idleNsMax() {
        if (underWay != null) {
            return Long.MAX_VALUE;
        }
        long nowNs = broker.clock().nowNs();
        long idleNs = hasGroups ? Math.max(0, lookDueNs - nowNs) : Long.MAX_VALUE;
        return Math.min(idleNs, pause.leftNs(nowNs));
    }

    @Override
    public void onBrokerClosing(Duration patience) {
        if (table.everybody().isEmpty()) {
            return;
        }
        CompletableFuture<Boolean> left = enqueue(new Question<>(GroupTable.NOBODY, null, false, (nobody, events) -> {
            for (LocalGroup group : table.all()) {
                if (group.isHome()) {
                    askItself(group, (home, leaving) -> home.leaveAll(table.moment(), leaving));
                }
            }
            return true;
        }));
        broker.callerWait().until(() -> left.isDone() || !broker.peers().canAgree(), patience, null);
    }

    @Override
    public void onBrokerClosed() {
        isClosed = true;
        rounds.comeBy();
    }
}
