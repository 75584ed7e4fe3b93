package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.FencedInstanceIdException;
import io.tidemill.errors.TidemillException;
import io.tidemill.errors.UnreleasedInstanceIdException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Real members of real brokers on one thread and in virtual time, by a seed: they join, poll, commit, fall behind, leave; brokers
 * restart, partitions are added, and what else {@link Surroundings} bring. After each step nobody can commit what another one has
 * read on from, and in the end everything was read, in order.
 */
final class GroupRuns {
    private static final int STEPS = 200;
    private static final int MEMBERS_MAX = 5;
    private static final int PARTITIONS_MAX = 8;
    private static final int ROUNDS_MAX = 200;
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(60);

    /** What members live in. */
    interface Surroundings extends AutoCloseable {
        /** One that a call may be made of: it lives, and is reached. */
        Broker broker();

        /** Of the topic that is read. */
        TopicSettings topicSettings();

        /** Those that live. */
        Collection<Broker> brokers();

        /** Something happens, or nothing, before the next step. */
        void disturb();

        /** What is sent in this step is not to fail. */
        void letSend();

        /** A broker ends without a word, and comes back, now or later. Answers which one it was. */
        Broker restart();

        /** Whether a call may fail like that. */
        boolean isExpected(TidemillException failure);

        /** As much time passes as a member that is gone is waited for. */
        void letSessionsEnd();

        /** Nothing happens any more, all are there, and what was expected to come back is not. */
        void settle();

        @Override
        void close();
    }

    private final long seed;
    private final RandomGenerator random;
    private final ManualClock clock;
    private final Surroundings surroundings;
    private final List<ReadingMember> members = new ArrayList<>();
    private final Map<TopicPartition, Long> sent = new HashMap<>();
    /** How far each partition was committed, as it was told. */
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    /** And how far it may be, since somebody was not told. */
    private final Map<TopicPartition, Set<Long>> inDoubt = new HashMap<>();

    private int joined;
    private String lastStep = "";
    private int fenced;
    private int failed;
    private int moved;

    /** A member, and what it read of each partition since it got that. */
    private static final class ReadingMember {
        private final String name;
        private final Broker broker;
        private final ConsumerGroup<String, String> group;

        ReadingMember(String name, Broker broker, ConsumerGroup<String, String> group) {
            this.name = name;
            this.broker = broker;
            this.group = group;
        }
    }

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(int fenced, int failed, int moved) {}

    GroupRuns(long seed, RandomGenerator random, ManualClock clock, Surroundings surroundings) {
        this.seed = seed;
        this.random = random;
        this.clock = clock;
        this.surroundings = surroundings;
    }

    Outcome run() {
        // At each of them: others hear a moment later of a topic that one has created.
        for (Broker broker : surroundings.brokers()) {
            broker.topic("t", Serdes.string(), Serdes.string(), surroundings.topicSettings());
        }
        for (int i = 0; i < STEPS; i++) {
            try {
                surroundings.disturb();
                step();
            } catch (TidemillException e) {
                failed++;
                requireExpected(e);
            }
        }
        comeToRest();
        members.forEach(member -> member.group.close());
        surroundings.close();
        return new Outcome(fenced, failed, moved);
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string());
    }

    private void requireExpected(TidemillException failure) {
        if (!surroundings.isExpected(failure)) {
            throw new AssertionError("failed without a reason; seed=" + seed + ", lastStep=" + lastStep, failure);
        }
    }

    private void step() {
        int choice = random.nextInt(100);
        if (choice < 6) {
            join();
        } else if (choice < 9) {
            leave();
        } else if (choice < 11) {
            restart();
        } else if (choice < 13) {
            grow();
        } else if (choice < 18) {
            event("time passes");
            clock.advance(Duration.ofMillis(random.nextInt(2 * (int) POLL_INTERVAL.toMillis())));
        } else if (choice < 35) {
            send();
        } else if (!members.isEmpty()) {
            ReadingMember member = members.get(random.nextInt(members.size()));
            if (choice < 75) {
                poll(member);
            } else {
                commit(member);
            }
        }
    }

    private void event(String what) {
        lastStep = what;
    }

    private void join() {
        if (members.size() < MEMBERS_MAX) {
            String name = "m" + joined++;
            event("join " + name);
            GroupSettings settings = GroupSettings.defaults()
                    .withCommits(CommitPolicy.manual())
                    .withMaxPollInterval(POLL_INTERVAL)
                    .withConsumer(ConsumerSettings.defaults().withMaxPollRecords(1 + random.nextInt(4)));
            if (random.nextInt(4) == 0) {
                settings = settings.withInstanceId("i" + random.nextInt(2));
            }
            try {
                Broker broker = surroundings.broker();
                members.add(new ReadingMember(name, broker, ConsumerGroup.join(topic(broker), "g", settings)));
            } catch (UnreleasedInstanceIdException e) {
                event("refused " + name);
            }
        }
    }

    private void leave() {
        if (!members.isEmpty()) {
            ReadingMember member = members.remove(random.nextInt(members.size()));
            event("leave " + member.name);
            member.group.close();
        }
    }

    private void restart() {
        event("restart");
        Broker ended = surroundings.restart();
        members.removeIf(member -> member.broker == ended);
    }

    private void grow() {
        Broker broker = surroundings.broker();
        int partitions = topic(broker).settings().partitions();
        if (partitions < PARTITIONS_MAX) {
            event("grow");
            broker.alterTopic("t", now -> now.withPartitions(partitions + 1));
        }
    }

    private void send() {
        Topic<String, String> topic = topic(surroundings.broker());
        TopicPartition partition =
                new TopicPartition("t", random.nextInt(topic.settings().partitions()));
        event("send to " + partition);
        surroundings.letSend();
        for (int count = random.nextInt(6); count > 0; count--) {
            long number = sent.getOrDefault(partition, 0L);
            topic.send(ProducerRecord.<String, String>of(null, "" + number).toPartition(partition.partition()))
                    .join();
            sent.put(partition, number + 1);
        }
    }

    private void poll(ReadingMember member) {
        event("poll " + member.name);
        Set<TopicPartition> before = member.group.assignment();
        Map<TopicPartition, Long> positions = member.group.positions();
        List<ConsumerRecord<String, String>> records;
        try {
            records = member.group.poll(Duration.ZERO);
        } catch (FencedInstanceIdException e) {
            members.remove(member);
            member.group.close();
            return;
        }
        if (!before.equals(member.group.assignment())) {
            moved++;
        }
        for (ConsumerRecord<String, String> record : records) {
            TopicPartition partition = record.topicPartition();
            require(record.value().equals("" + record.offset()), "another record: " + record);
            // Where it had the partition all the time, without a gap; or else from where the group has committed.
            Long position = before.contains(partition) ? positions.get(partition) : committed.get(partition);
            if (position != null && record.offset() != position) {
                if (inDoubt.getOrDefault(partition, Set.of()).contains(record.offset())) {
                    onCommitted(partition, record.offset());
                }
                require(
                        record.offset() == committed.getOrDefault(partition, 0L),
                        "not in order: " + record + ", position=" + position + ", committed=" + committed);
            }
            positions.put(partition, record.offset() + 1);
            before = member.group.assignment();
        }
    }

    private void commit(ReadingMember member) {
        event("commit " + member.name);
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        member.group.positions().forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        try {
            member.group.commit(offsets);
            offsets.forEach((partition, offset) -> {
                long last = committed.getOrDefault(partition, 0L);
                require(
                        offset.offset() >= last,
                        "a zombie committed: partition=" + partition + ", offset=" + offset + ", before=" + last);
                onCommitted(partition, offset.offset());
            });
        } catch (CommitFailedException e) {
            fenced++;
        } catch (TidemillException e) {
            requireExpected(e);
            failed++;
            offsets.forEach((partition, offset) ->
                    inDoubt.computeIfAbsent(partition, id -> new HashSet<>()).add(offset.offset()));
        }
    }

    private void onCommitted(TopicPartition partition, long offset) {
        committed.put(partition, offset);
        // Whatever was written before, was.
        inDoubt.remove(partition);
    }

    private void comeToRest() {
        surroundings.settle();
        join();
        for (int round = 0; round < ROUNDS_MAX; round++) {
            for (ReadingMember member : List.copyOf(members)) {
                poll(member);
                if (members.contains(member)) {
                    commit(member);
                }
            }
            if (round % (ROUNDS_MAX / 4) == 0) {
                // Who is gone is found to be gone; then static ones that were left behind are not expected any more.
                surroundings.letSessionsEnd();
            }
        }
        Set<TopicPartition> read = new HashSet<>();
        for (ReadingMember member : members) {
            for (TopicPartition partition : member.group.assignment()) {
                require(read.add(partition), "two members read " + partition);
            }
        }
        if (!members.isEmpty()) {
            require(
                    read.size() == topic(surroundings.broker()).settings().partitions(),
                    "not all is read: " + read + ", group="
                            + Groups.of(surroundings.broker()).describe("g"));
            sent.forEach((partition, count) -> require(
                    committed.getOrDefault(partition, 0L).equals(count),
                    "not read to the end: " + partition + ", sent=" + count + ", committed=" + committed));
            surroundings
                    .brokers()
                    .forEach(broker -> require(Groups.of(broker).describe("g").lag() == 0, "lag"));
        }
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what + "; seed=" + seed + ", lastStep=" + lastStep);
        }
    }
}
