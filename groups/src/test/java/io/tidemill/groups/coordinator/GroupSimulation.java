package io.tidemill.groups.coordinator;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A group under everything that happens to groups, in virtual time, by a seed: members join, leave, crash, fall silent and come
 * back, their messages get lost, topics come, grow and go, the coordinator restarts. After each event the invariants are
 * checked; in the end faults cease, and the group must come to rest with every partition where it belongs.
 */
final class GroupSimulation {
    private static final UUID TOPIC_ID = new UUID(1, 2);
    private static final int EVENTS = 300;
    private static final int MEMBERS_MAX = 7;
    private static final long SESSION_NS = 45_000;
    private static final long REBALANCE_NS = 300_000;
    static final GroupTimeouts TIMEOUTS = new GroupTimeouts(SESSION_NS, REBALANCE_NS);
    /** More heartbeats of everybody than coming to rest takes. */
    private static final int ROUNDS_MAX = 10;

    private final SplittableRandom random;
    private final List<GroupEvent> log = new ArrayList<>();
    private final TreeMap<String, Integer> topics = new TreeMap<>(Map.of("t", 5));
    private final List<SimulatedMember> members = new ArrayList<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final List<SentCommit> onTheirWay = new ArrayList<>();
    private final Map<TopicPartition, AcceptedCommit> accepted = new HashMap<>();
    private int eventNumber;
    private GroupCore core = newCore();
    private long nowNs;
    private int joined;
    private String lastEvent = "";

    private record SentCommit(String memberId, int epoch, TopicPartition partition, long offset, int sentAtEvent) {}

    private record AcceptedCommit(String memberId, int atEvent) {}

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(int rebalances, int commits, int fencedCommits) {}

    private int commits;
    private int fencedCommits;

    GroupSimulation(long seed) {
        this.random = new SplittableRandom(seed);
        this.nowNs = random.nextLong();
    }

    private static GroupCore newCore() {
        return new GroupCore(Assignor.uniform());
    }

    Outcome run() {
        for (int i = 0; i < EVENTS; i++) {
            step();
            check();
        }
        comeToRest();
        return new Outcome(core.epoch(), commits, fencedCommits);
    }

    private void step() {
        eventNumber++;
        nowNs += random.nextInt(3_000);
        int choice = random.nextInt(100);
        if (choice < 8 && members.size() < MEMBERS_MAX) {
            join();
        } else if (choice < 11) {
            leave();
        } else if (choice < 14) {
            crash();
        } else if (choice < 18) {
            fallSilent();
        } else if (choice < 21) {
            changeTopics();
        } else if (choice < 24) {
            changeSubscription();
        } else if (choice < 27) {
            restartCoordinator();
        } else if (choice < 29) {
            jump();
        } else if (choice < 35) {
            event("tick");
            apply(events -> core.onTick(now(), events));
        } else if (choice < 40) {
            arriveLate();
        } else if (choice < 55) {
            commit();
        } else {
            heartbeat();
        }
    }

    private Moment now() {
        return new Moment(topics, nowNs, 0);
    }

    private void event(String what) {
        lastEvent = what;
    }

    private interface Request {
        void run(List<GroupEvent> events);
    }

    private void apply(Request request) {
        List<GroupEvent> events = new ArrayList<>();
        request.run(events);
        log.addAll(events);
    }

    private void join() {
        String instanceId = random.nextInt(3) == 0 ? "i" + random.nextInt(3) : null;
        SimulatedMember member = new SimulatedMember("m" + joined++, instanceId, someTopics());
        event("join " + member.id + ", instance " + instanceId);
        members.add(member);
    }

    private Set<String> someTopics() {
        Set<String> wanted = new HashSet<>(Set.of("t"));
        if (random.nextInt(3) == 0) {
            wanted.add("u");
        }
        if (random.nextInt(10) == 0) {
            wanted.remove("t");
        }
        return wanted;
    }

    private @Nullable SimulatedMember someMember() {
        return members.isEmpty() ? null : members.get(random.nextInt(members.size()));
    }

    private void leave() {
        SimulatedMember member = someMember();
        if (member != null && !isSilent(member)) {
            boolean comesBack = random.nextBoolean();
            event("leave " + member.id + ", comesBack=" + comesBack);
            apply(events -> core.onLeave(member.id, comesBack, now(), events));
            members.remove(member);
        }
    }

    /** It is never heard of again, and reads no more. */
    private void crash() {
        SimulatedMember member = someMember();
        if (member != null) {
            event("crash " + member.id);
            members.remove(member);
        }
    }

    /** It goes on reading what it has. */
    private void fallSilent() {
        SimulatedMember member = someMember();
        if (member != null) {
            event("silent " + member.id);
            member.silentUntilNs = nowNs + random.nextLong(3 * SESSION_NS);
        }
    }

    private boolean isSilent(SimulatedMember member) {
        return member.silentUntilNs - nowNs > 0;
    }

    private void changeTopics() {
        String topic = random.nextBoolean() ? "t" : "u";
        event("topic " + topic);
        if (random.nextInt(3) == 0) {
            topics.remove(topic);
        } else {
            topics.merge(topic, 1 + random.nextInt(4), Integer::sum);
        }
    }

    private void changeSubscription() {
        SimulatedMember member = someMember();
        if (member != null) {
            member.topics = someTopics();
            event("subscribe " + member.id + " to " + member.topics);
        }
    }

    private void restartCoordinator() {
        event("restart");
        GroupCore restarted = newCore();
        for (GroupEvent event : log) {
            // The way it comes back from the log.
            restarted.replay(GroupEventLayout.event(GroupEventLayout.key("g", event), GroupEventLayout.value(event)));
        }
        restarted.onReplayed(nowNs);
        require(restarted.epoch() == core.epoch(), "another epoch after a restart");
        require(List.copyOf(restarted.members()).equals(List.copyOf(core.members())), "other members after a restart");
        core = restarted;
    }

    private void jump() {
        event("jump");
        nowNs += random.nextLong(2 * SESSION_NS);
    }

    private void heartbeat() {
        SimulatedMember member = someMember();
        if (member != null && !isSilent(member)) {
            event("heartbeat " + member);
            if (random.nextInt(3) > 0) {
                member.giveUp();
            }
            boolean isRequestLost = random.nextInt(20) == 0;
            boolean isReplyLost = random.nextInt(20) == 0;
            if (!isRequestLost) {
                apply(events -> {
                    HeartbeatReply reply = core.onHeartbeat(member.heartbeat(), now(), events);
                    if (!isReplyLost) {
                        member.onReply(reply);
                    }
                });
            }
        }
    }

    private void commit() {
        SimulatedMember member = someMember();
        if (member != null && !member.owned.isEmpty()) {
            List<TopicPartition> owned = new ArrayList<>(member.owned);
            TopicPartition partition = owned.get(random.nextInt(owned.size()));
            long offset = committed.getOrDefault(partition, 0L) + 1;
            SentCommit commit = new SentCommit(member.id, member.epoch, partition, offset, eventNumber);
            if (random.nextInt(4) == 0) {
                event("late " + commit);
                onTheirWay.add(commit);
            } else {
                arrive(commit);
            }
        }
    }

    /** Some of those that were sent long ago, by whoever that is by now. */
    private void arriveLate() {
        if (!onTheirWay.isEmpty()) {
            arrive(onTheirWay.remove(random.nextInt(onTheirWay.size())));
        }
    }

    private void arrive(SentCommit commit) {
        event("arrived: " + commit);
        TopicPartition partition = commit.partition();
        apply(events -> {
            Refusal refusal = core.onCommit(
                    commit.memberId(),
                    commit.epoch(),
                    Map.of(partition, new CommittedOffset(TOPIC_ID, commit.offset(), "", 0)),
                    events);
            if (refusal == null) {
                committed.put(partition, commit.offset());
                commits++;
                AcceptedCommit last = accepted.put(partition, new AcceptedCommit(commit.memberId(), eventNumber));
                require(
                        last == null
                                || last.memberId().equals(commit.memberId())
                                || last.atEvent() <= commit.sentAtEvent(),
                        "a commit from before another one's");
                require(commit.memberId().equals(core.owner(partition)), "a commit of another one's partition");
            } else {
                fencedCommits++;
            }
        });
    }

    private void check() {
        Map<TopicPartition, SimulatedMember> readers = new HashMap<>();
        for (SimulatedMember member : members) {
            if (isKnown(member)) {
                for (TopicPartition partition : member.owned) {
                    SimulatedMember other = readers.put(partition, member);
                    require(other == null, "two members read " + partition + ": " + other + " and " + member);
                    require(
                            member.id.equals(core.owner(partition)),
                            member + " reads " + partition + " of " + core.owner(partition));
                }
            }
        }
        committed.forEach((partition, offset) -> {
            CommittedOffset known = core.committed(partition);
            require(known != null && known.offset() == offset, "a commit is lost: partition=" + partition);
        });
    }

    /** Whether it would not be refused: otherwise it is a zombie, which may read what others read, but not commit. */
    private boolean isKnown(SimulatedMember simulated) {
        return core.members().stream()
                .anyMatch(member -> member.id().equals(simulated.id)
                        && simulated.epoch != Heartbeat.JOINING
                        && (simulated.epoch == member.epoch() || simulated.epoch == member.formerEpoch()));
    }

    private void comeToRest() {
        // One of those who want to be the same instance stays.
        Set<String> instances = new HashSet<>();
        members.removeIf(member -> member.instanceId != null && !instances.add(member.instanceId));
        // Everybody speaks often enough, so that only those who crashed or left are missed; static ones that are away,
        // too.
        for (int round = 0; round < ROUNDS_MAX; round++) {
            nowNs += SESSION_NS / 2;
            for (SimulatedMember member : members) {
                member.giveUp();
                apply(events -> member.onReply(core.onHeartbeat(member.heartbeat(), now(), events)));
                event("rest, round " + round + ", " + member);
                check();
            }
            apply(events -> core.onTick(now(), events));
            check();
        }
        Set<TopicPartition> read = new HashSet<>();
        for (SimulatedMember member : members) {
            read.addAll(member.owned);
            Member known = core.members().stream()
                    .filter(candidate -> candidate.id().equals(member.id))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("not a member in the end: " + member + describe()));
            require(known.target().equals(member.owned), "not where it was to come to: " + member + ", " + known);
            require(member.epoch == core.epoch(), "not at the group's epoch: " + member);
        }
        require(core.members().size() == members.size(), "members are left over");
        Set<TopicPartition> wanted = new HashSet<>();
        members.forEach(member -> member.topics.forEach(topic -> {
            for (int partition = 0; partition < topics.getOrDefault(topic, 0); partition++) {
                wanted.add(new TopicPartition(topic, partition));
            }
        }));
        require(read.equals(wanted), "read=" + read + ", wanted=" + wanted);
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what + describe());
        }
    }

    private String describe() {
        return "; lastEvent=" + lastEvent + ", epoch=" + core.epoch() + ", members=" + core.members() + ", simulated="
                + members;
    }
}
