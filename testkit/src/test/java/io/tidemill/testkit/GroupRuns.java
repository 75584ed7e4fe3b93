package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.CommitFailedException;
import io.tidemill.errors.FencedInstanceIdException;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.UnreleasedInstanceIdException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Real members of a real broker on one thread and in virtual time, by a seed: they join, poll, commit, fall behind, leave; the
 * broker restarts, appends fail, partitions are added. After each step nobody can commit what another one has read on from, and
 * in the end everything was read, in order.
 */
final class GroupRuns {
    private static final int STEPS = 200;
    private static final int MEMBERS_MAX = 5;
    private static final int PARTITIONS_MAX = 8;
    private static final int ROUNDS_MAX = 200;
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(60);

    private final long seed;
    private final SplittableRandom random;
    private final ManualClock clock = new ManualClock();
    private final Storage storage = Storage.inMemory();
    private boolean isFailing;
    private final Storage faulty = new FaultyStorage(storage, what -> isFailing && what.equals("append"));
    private final List<ReadingMember> members = new ArrayList<>();
    private final Map<TopicPartition, Long> sent = new HashMap<>();
    /** How far each partition was committed, as it was told. */
    private final Map<TopicPartition, Long> committed = new HashMap<>();

    private Broker broker;
    private Topic<String, String> topic;
    private int joined;
    private String lastStep = "";
    private int fenced;
    private int failed;
    private int moved;

    /** A member, and what it read of each partition since it got that. */
    private static final class ReadingMember {
        private final String name;
        private final ConsumerGroup<String, String> group;

        ReadingMember(String name, ConsumerGroup<String, String> group) {
            this.name = name;
            this.group = group;
        }
    }

    /** What a run came to, so that it is known that it saw something. */
    record Outcome(int fenced, int failed, int moved) {}

    GroupRuns(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.broker = open();
        this.topic = broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
    }

    private Broker open() {
        return Broker.open(
                faulty, BrokerSettings.defaults(), new Seams(clock, clock, random.split(), Threads.manual()));
    }

    Outcome run() {
        for (int i = 0; i < STEPS; i++) {
            try {
                step();
            } catch (StorageException e) {
                failed++;
                require(isFailing, "failed without a reason: " + e);
            } finally {
                isFailing = false;
            }
        }
        comeToRest();
        members.forEach(member -> member.group.close());
        broker.close();
        return new Outcome(fenced, failed, moved);
    }

    private void step() {
        int choice = random.nextInt(100);
        isFailing = random.nextInt(25) == 0;
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
                members.add(new ReadingMember(name, ConsumerGroup.join(topic, "g", settings)));
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
        // Without a word: as if the process had died.
        members.clear();
        isFailing = false;
        broker.close();
        broker = open();
        topic = broker.topic("t", Serdes.string(), Serdes.string());
    }

    private void grow() {
        int partitions = topic.settings().partitions();
        if (partitions < PARTITIONS_MAX) {
            event("grow");
            broker.alterTopic("t", now -> now.withPartitions(partitions + 1));
        }
    }

    private void send() {
        TopicPartition partition =
                new TopicPartition("t", random.nextInt(topic.settings().partitions()));
        event("send to " + partition);
        isFailing = false;
        for (int count = random.nextInt(6); count > 0; count--) {
            long number = sent.merge(partition, 1L, Long::sum) - 1;
            topic.send(ProducerRecord.<String, String>of(null, "" + number).toPartition(partition.partition()))
                    .join();
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
                committed.put(partition, offset.offset());
            });
        } catch (CommitFailedException e) {
            fenced++;
        } catch (StorageException e) {
            // It may have been written before it failed.
            require(isFailing, "failed without a reason: " + e);
            failed++;
        }
    }

    private void comeToRest() {
        isFailing = false;
        join();
        for (int round = 0; round < ROUNDS_MAX; round++) {
            for (ReadingMember member : List.copyOf(members)) {
                poll(member);
                if (members.contains(member)) {
                    commit(member);
                }
            }
            if (round == 0) {
                // Static ones that were left behind are not expected any more.
                clock.advance(Duration.ofSeconds(50));
            }
        }
        Set<TopicPartition> read = new HashSet<>();
        for (ReadingMember member : members) {
            for (TopicPartition partition : member.group.assignment()) {
                require(read.add(partition), "two members read " + partition);
            }
        }
        if (!members.isEmpty()) {
            require(read.size() == topic.settings().partitions(), "not all is read: " + read);
            sent.forEach((partition, count) -> require(
                    committed.getOrDefault(partition, 0L).equals(count),
                    "not read to the end: " + partition + ", sent=" + count + ", committed=" + committed));
            require(Groups.of(broker).describe("g").lag() == 0, "lag");
        }
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what + "; seed=" + seed + ", lastStep=" + lastStep);
        }
    }
}
