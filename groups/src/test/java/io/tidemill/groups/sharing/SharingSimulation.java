package io.tidemill.groups.sharing;

import io.tidemill.groups.sharing.RecordState.Archiving;
import io.tidemill.groups.sharing.RecordState.Available;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A partition of a shared group under everything that happens to it, in virtual time, by a seed: members take, accept, give back,
 * refuse, stall, crash, come back; records are appended with gaps between them, and go by compaction and retention; the
 * coordinator crashes, also between a change and its being written, and comes back from bytes. After each event all is compared
 * with the model, and what was promised is checked; in the end faults cease, and each record must have come to an end.
 */
final class SharingSimulation {
    private static final UUID TOPIC_ID = new UUID(1, 2);
    private static final int EVENTS = 300;
    private static final int MEMBERS = 4;
    private static final int LOCKS_MAX = 25;
    private static final long LOCK_NS = 30_000;
    /** More turns of one member than what can be left over takes. */
    private static final int ROUNDS_MAX = 1_000;

    private final SplittableRandom random;
    private final SimulatedLog log;
    private final TreeMap<Long, String> fates = new TreeMap<>();
    private final Set<Long> copies = new HashSet<>();
    /** What each member believes that it has. */
    private final Map<String, TreeSet<Long>> held = new HashMap<>();

    private final ShareModel model;
    private SharePartitionCore core;
    private byte[] written = ShareEventLayout.value(TOPIC_ID, ShareState.at(0));
    private FoundRecords oldLook = FoundRecords.none();
    private @Nullable DeadLetter oldLetter;
    private long nowNs;
    private long lastStartOffset;
    private String lastEvent = "";
    private int deliveries;
    private int redeliveries;
    private int refusals;
    private int repeatedCopies;

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(int deliveries, int redeliveries, int refusals, int deadLetters, int repeatedCopies) {}

    SharingSimulation(long seed) {
        this.random = new SplittableRandom(seed);
        this.log = new SimulatedLog(random);
        // Time wraps in the course of most runs.
        this.nowNs = Long.MAX_VALUE - random.nextLong(20 * LOCK_NS);
        this.model = new ShareModel(LOCK_NS, LOCKS_MAX, 1 + random.nextInt(5));
        this.core = newCore();
    }

    private SharePartitionCore newCore() {
        return new SharePartitionCore(new ShareSettings(LOCK_NS, model.deliveryCountLimit, LOCKS_MAX));
    }

    Outcome run() {
        for (int i = 0; i < EVENTS; i++) {
            step();
            check();
        }
        comeToRest();
        return new Outcome(deliveries, redeliveries, refusals, copies.size(), repeatedCopies);
    }

    private void step() {
        nowNs += random.nextInt(3_000);
        int choice = random.nextInt(100);
        if (choice < 15) {
            append();
        } else if (choice < 40) {
            take(someMember(), 1 + random.nextInt(12), someLook());
        } else if (choice < 75) {
            acknowledge(someMember());
        } else if (choice < 77) {
            acknowledgeAnything();
        } else if (choice < 80) {
            leave();
        } else if (choice < 82) {
            // It is never heard of again, or nobody heard the answer.
            held.remove(someMember());
        } else if (choice < 87) {
            tick();
        } else if (choice < 89) {
            nowNs += random.nextLong(LOCK_NS);
        } else if (choice < 93) {
            copyDeadLetters();
        } else if (choice < 94) {
            alter();
        } else if (choice < 95) {
            compact();
        } else if (choice < 97) {
            deleteOld();
        } else if (choice < 99) {
            restart();
        } else {
            reset();
        }
    }

    private void event(String what) {
        lastEvent = what;
    }

    private interface Request {
        void run(List<ShareState> events);
    }

    /** Whether the change was written; otherwise the coordinator crashed before, and nobody was told. */
    private boolean apply(Request request) {
        List<ShareState> events = new ArrayList<>();
        ShareState before = core.state();
        request.run(events);
        require(events.size() <= 1, "several events of one request");
        require(events.isEmpty() == core.state().equals(before), "a change without an event, or an event without one");
        if (random.nextInt(60) == 0) {
            restart();
            return false;
        }
        events.forEach(changed -> written = ShareEventLayout.value(TOPIC_ID, changed));
        return true;
    }

    private void append() {
        log.append();
        event("append up to " + log.endOffset());
    }

    private String someMember() {
        return "m" + random.nextInt(MEMBERS);
    }

    /** From where new records are, or from somewhere in front, or one from long ago. */
    private FoundRecords someLook() {
        FoundRecords look = switch (random.nextInt(10)) {
            case 0 -> oldLook;
            case 1 -> log.look(Math.max(0, core.endOffset() - random.nextInt(10)));
            default -> log.look(core.endOffset());
        };
        if (random.nextInt(5) == 0) {
            oldLook = look;
        }
        return look;
    }

    private void take(String memberId, int recordsMax, FoundRecords look) {
        event("take " + memberId + ", recordsMax=" + recordsMax);
        List<Delivery> taken = new ArrayList<>();
        if (apply(events -> taken.addAll(core.acquire(memberId, look, recordsMax, nowNs, events)))) {
            List<Delivery> single = new ArrayList<>();
            taken.forEach(run -> offsets(run.firstOffset(), run.lastOffset())
                    .forEach(offset -> single.add(new Delivery(offset, offset, run.deliveryCount()))));
            TreeSet<Long> found = new TreeSet<>();
            look.ranges().forEach(range -> found.addAll(offsets(range.firstOffset(), range.lastOffset())));
            List<Delivery> expected =
                    model.acquire(memberId, look.startOffset(), found, look.endOffset(), recordsMax, nowNs);
            require(single.equals(expected), "other records than expected were taken");
            single.forEach(delivery -> onDelivered(memberId, delivery));
        }
    }

    private void onDelivered(String memberId, Delivery delivery) {
        long offset = delivery.firstOffset();
        require(!fates.containsKey(offset), "delivered again: offset=" + offset);
        require(delivery.deliveryCount() <= model.deliveryCountLimit, "delivered too often");
        held.computeIfAbsent(memberId, id -> new TreeSet<>()).add(offset);
        deliveries++;
        redeliveries += delivery.deliveryCount() > 1 ? 1 : 0;
    }

    private static TreeSet<Long> offsets(long first, long last) {
        TreeSet<Long> offsets = new TreeSet<>();
        for (long offset = first; offset <= last; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    /** Of what it believes to have, a part; it notices what is no record any more. */
    private void acknowledge(String memberId) {
        Set<Long> believed = held.getOrDefault(memberId, new TreeSet<>());
        if (!believed.isEmpty()) {
            long first = List.copyOf(believed).get(random.nextInt(believed.size()));
            if (!log.contains(first)) {
                acknowledge(memberId, first, first, Acknowledgement.GAP);
                return;
            }
            long last = first;
            for (int left = random.nextInt(6); left > 0; left--) {
                last += believed.contains(last + 1) && log.contains(last + 1) ? 1 : 0;
            }
            Acknowledgement acknowledgement = switch (random.nextInt(10)) {
                case 0, 1, 2 -> Acknowledgement.RELEASE;
                case 3 -> Acknowledgement.REJECT;
                default -> Acknowledgement.ACCEPT;
            };
            acknowledge(memberId, first, last, acknowledgement);
        }
    }

    private void acknowledgeAnything() {
        long first = Math.max(0, core.startOffset() - 5 + random.nextInt(40));
        acknowledge(someMember(), first, first + random.nextInt(5), Acknowledgement.RELEASE);
    }

    private void acknowledge(String memberId, long first, long last, Acknowledgement acknowledgement) {
        event(acknowledgement + " " + memberId + ", first=" + first + ", last=" + last);
        List<ShareRefusal> refused = new ArrayList<>();
        boolean isWritten = apply(events -> {
            ShareRefusal refusal = core.acknowledge(memberId, first, last, acknowledgement, events);
            if (refusal != null) {
                refused.add(refusal);
            }
        });
        if (isWritten) {
            boolean isAccepted = model.mayAcknowledge(memberId, first, last);
            require(isAccepted == refused.isEmpty(), "refused=" + refused);
            TreeSet<Long> believed = held.getOrDefault(memberId, new TreeSet<>());
            if (isAccepted) {
                model.acknowledge(first, last, acknowledgement);
                boolean isEnd = acknowledgement == Acknowledgement.ACCEPT || acknowledgement == Acknowledgement.GAP;
                believed.subSet(first, true, last, true)
                        .forEach(offset -> fates.compute(offset, (key, fate) -> isEnd ? "" + acknowledgement : fate));
            } else {
                refusals++;
            }
            believed.subSet(first, true, last, true).clear();
        }
    }

    /** It may come back, and still believe that it has something. */
    private void leave() {
        String memberId = someMember();
        event("leave " + memberId);
        if (apply(events -> core.onMemberGone(memberId, events))) {
            model.memberGone(memberId);
            if (random.nextBoolean()) {
                held.remove(memberId);
            }
        }
    }

    private void tick() {
        event("tick");
        if (apply(events -> core.onTick(nowNs, events))) {
            model.tick(nowNs);
        }
    }

    /** The copies are made in any case; then the coordinator may crash. Somebody may say twice that one was made. */
    private void copyDeadLetters() {
        if (random.nextInt(4) == 0 && oldLetter != null) {
            archive(oldLetter);
        }
        for (DeadLetter letter : core.deadLetters()) {
            for (long offset : offsets(letter.firstOffset(), letter.lastOffset())) {
                repeatedCopies += log.contains(offset) && !copies.add(offset) ? 1 : 0;
            }
            oldLetter = letter;
            if (!archive(letter)) {
                return;
            }
        }
    }

    private boolean archive(DeadLetter letter) {
        event("archive " + letter);
        boolean isWritten = apply(events -> core.archive(letter.firstOffset(), letter.lastOffset(), events));
        if (isWritten) {
            for (long offset : offsets(letter.firstOffset(), letter.lastOffset())) {
                if (model.states().get(offset) instanceof Archiving) {
                    fates.put(offset, "copied");
                }
            }
            model.archive(letter.firstOffset(), letter.lastOffset());
        }
        return isWritten;
    }

    /** The core is not told: who reads what it was given finds out. */
    private void compact() {
        event("compact");
        log.compact();
    }

    private void deleteOld() {
        log.deleteBefore(core.startOffset() - 5 + random.nextInt(15));
        event("log starts at " + log.startOffset());
        if (apply(events -> core.onTruncated(log.startOffset(), events))) {
            model.truncated(log.startOffset());
        }
    }

    private void restart() {
        event(lastEvent + "; restart");
        core = newCore();
        core.replay(ShareEventLayout.state(written));
        model.restarted();
        if (random.nextInt(4) == 0) {
            loseTail();
        }
        decideBy(random.nextInt(4) == 0 ? 1 + random.nextInt(5) : model.deliveryCountLimit);
    }

    private void loseTail() {
        log.loseTail(10);
        event(lastEvent + "; log ends at " + log.endOffset());
        now(events -> core.onTailLost(log.endOffset(), events));
        model.tailLost(log.endOffset());
        fates.tailMap(log.endOffset()).clear();
        copies.removeIf(offset -> offset >= log.endOffset());
        lastStartOffset = Math.min(lastStartOffset, log.endOffset());
        // What was seen then is not what will be there.
        oldLook = FoundRecords.none();
        oldLetter = null;
    }

    private void alter() {
        event("alter");
        decideBy(1 + random.nextInt(5));
    }

    private void decideBy(int limit) {
        event(lastEvent + "; deliveryCountLimit=" + limit);
        now(events -> core.decideBy(new ShareSettings(LOCK_NS, limit, LOCKS_MAX), events));
        model.decideBy(limit);
    }

    /** Written at once. */
    private void now(Request request) {
        List<ShareState> events = new ArrayList<>();
        request.run(events);
        events.forEach(changed -> written = ShareEventLayout.value(TOPIC_ID, changed));
    }

    private void reset() {
        long offset = log.startOffset() + random.nextLong(log.endOffset() - log.startOffset() + 1);
        event("reset to " + offset);
        if (apply(events -> core.resetTo(offset, events))) {
            model.reset(offset);
            lastStartOffset = offset;
            fates.tailMap(offset).clear();
            log.offsets().headSet(offset).forEach(skipped -> fates.putIfAbsent(skipped, "skipped"));
        }
    }

    private void check() {
        require(core.endOffset() == model.endOffset(), "modelEnd=" + model.endOffset());
        require(core.startOffset() == model.startOffset(), "modelStart=" + model.startOffset());
        require(core.startOffset() >= lastStartOffset, "start went back: lastStartOffset=" + lastStartOffset);
        TreeMap<Long, RecordState> states = new TreeMap<>();
        RecordRun last = null;
        long available = 0;
        for (RecordRun run : core.state().runs()) {
            offsets(run.firstOffset(), run.lastOffset()).forEach(offset -> states.put(offset, run.state()));
            require(
                    last == null
                            || last.lastOffset() + 1 < run.firstOffset()
                            || !last.state().equals(run.state()),
                    "two runs that are one");
            last = run;
            available += run.state() instanceof Available ? run.records() : 0;
        }
        require(states.equals(model.states()), "other states than the model's");
        require(states.size() <= LOCKS_MAX, "too many in flight: " + states.size());
        require(core.newRecordsMax() == LOCKS_MAX - states.size(), "newRecordsMax=" + core.newRecordsMax());
        require(core.availableRecords() == available, "availableRecords=" + core.availableRecords());
        // What nobody accepted and nobody copied is not done, unless it is no record any more.
        for (long offset : log.offsets().subSet(lastStartOffset, core.endOffset())) {
            boolean isDone = !states.containsKey(offset) || states.get(offset).isDone();
            require(isDone == fates.containsKey(offset), "done too early, or for no reason: offset=" + offset);
        }
        lastStartOffset = core.startOffset();
    }

    private void comeToRest() {
        for (int round = 0; round < ROUNDS_MAX && core.startOffset() < log.endOffset(); round++) {
            nowNs += LOCK_NS;
            tick();
            copyDeadLetters();
            take("m0", LOCKS_MAX, log.look(core.endOffset()));
            for (long offset : new TreeSet<>(held.getOrDefault("m0", new TreeSet<>()))) {
                acknowledge("m0", offset, offset, log.contains(offset) ? Acknowledgement.ACCEPT : Acknowledgement.GAP);
                check();
            }
        }
        require(core.startOffset() == log.endOffset(), "did not come to rest");
        for (long offset : log.offsets()) {
            require(fates.get(offset) != null, "lost: offset=" + offset);
        }
        fates.forEach((offset, fate) -> require(
                !fate.equals("copied") || !log.contains(offset) || copies.contains(offset), "no copy: " + offset));
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what + "; lastEvent=" + lastEvent + ", model=" + model.states() + ", state="
                    + core.state() + ", held=" + held + ", log=" + log.offsets());
        }
    }
}
