package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.MetricsListener;
import io.tidemill.ProducerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicPartition;
import io.tidemill.TopicSettings;
import io.tidemill.errors.GroupIdNotFoundException;
import io.tidemill.errors.GroupNotEmptyException;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.errors.UnknownTopicOrPartitionException;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupDescription;
import io.tidemill.groups.GroupDescription.MemberDescription;
import io.tidemill.groups.GroupDescription.PartitionProgress;
import io.tidemill.groups.GroupDescription.State;
import io.tidemill.groups.GroupSettings;
import io.tidemill.groups.Groups;
import io.tidemill.groups.OffsetAndMetadata;
import io.tidemill.groups.OffsetPlace;
import io.tidemill.log.ChronicleLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** G05: groups seen from outside: listed, described with their exact lag, reset, deleted. */
class GroupsTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Set<TopicPartition> BOTH = Set.of(T0, T1);
    private static final GroupSettings MANUAL = GroupSettings.defaults().withCommits(CommitPolicy.manual());

    @TempDir
    Path directory;

    @Test
    void lagIsTheEndLessWhatWasCommitted() {
        try (Broker broker = Broker.inMemory();
                ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
            Groups groups = Groups.of(broker);
            send(broker, 0, 10);
            assertLag(member, groups, 10, 0);

            assertEquals(10, member.poll(Duration.ZERO).size());
            assertLag(member, groups, 10, 0);
            member.commit(Map.of(T0, new OffsetAndMetadata(4)));
            assertLag(member, groups, 6, 0);
            send(broker, 1, 3);
            assertLag(member, groups, 6, 3);
            member.commit();
            assertLag(member, groups, 0, 3);
            assertEquals(3, member.poll(Duration.ZERO).size());
            member.commit();
            assertLag(member, groups, 0, 0);
        }
    }

    private static void assertLag(ConsumerGroup<?, ?> member, Groups groups, long of0, long of1) {
        assertEquals(Map.of(T0, of0, T1, of1), member.lag());
        GroupDescription group = groups.describe("g");
        assertEquals(of0 + of1, group.lag());
        assertEquals(of1, progress(group, T1).lag());
    }

    @Test
    void describesWhoIsThereAndWhatTheyHave() {
        try (Broker broker = Broker.inMemory();
                ConsumerGroup<String, String> a = ConsumerGroup.join(topic(broker), "g", MANUAL.withInstanceId("a"))) {
            Groups groups = Groups.of(broker);
            a.poll(Duration.ZERO);
            assertEquals(State.STABLE, groups.describe("g").state());
            try (ConsumerGroup<String, String> b = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                GroupDescription moving = groups.describe("g");
                assertEquals(State.RECONCILING, moving.state());
                a.poll(Duration.ZERO);
                b.poll(Duration.ZERO);

                GroupDescription group = groups.describe("g");

                assertEquals(State.STABLE, group.state());
                assertEquals(moving.epoch(), group.epoch());
                assertEquals(2, group.members().size());
                for (MemberDescription member : group.members()) {
                    ConsumerGroup<String, String> it = member.memberId().equals(a.memberId()) ? a : b;
                    assertEquals(it == a ? "a" : null, member.instanceId());
                    assertFalse(member.isAway());
                    assertEquals(Set.of("t"), member.topics());
                    assertEquals(it.assignment(), member.assigned());
                    assertEquals(member.assigned(), member.target());
                    TopicPartition own = it.assignment().iterator().next();
                    assertEquals(member.memberId(), progress(group, own).memberId());
                }
            }
            a.leave();
            GroupDescription left = groups.describe("g");
            assertEquals(State.EMPTY, left.state());
            assertEquals(Map.of(), left.progress());
            assertEquals(Set.of("g"), groups.names());
        }
    }

    @Test
    void resetsAGroupWithoutMembersToAnyPlace() {
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic = topic(broker);
            for (int i = 0; i < 10; i++) {
                topic.send(ProducerRecord.<String, String>of(null, "v" + i)
                                .toPartition(0)
                                .at(1_000 + i))
                        .join();
            }
            Groups groups = Groups.of(broker);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", MANUAL)) {
                member.commit(Map.of(T0, new OffsetAndMetadata(5)));
                assertThrows(GroupNotEmptyException.class, () -> groups.reset("g", BOTH, OffsetPlace.earliest()));
                assertEquals(Map.of(T0, 0L, T1, 0L), groups.previewReset("g", BOTH, OffsetPlace.earliest()));
            }

            assertEquals(Map.of(T0, 10L, T1, 0L), groups.reset("g", BOTH, OffsetPlace.latest()));
            assertReset(groups, 7, OffsetPlace.offset(7));
            assertReset(groups, 4, OffsetPlace.shiftBy(-3));
            assertReset(groups, 6, OffsetPlace.shiftBy(2));
            assertReset(groups, 10, OffsetPlace.shiftBy(100));
            assertReset(groups, 0, OffsetPlace.offset(-1));
            assertReset(groups, 3, OffsetPlace.time(Instant.ofEpochMilli(1_003)));
            assertReset(groups, 10, OffsetPlace.time(Instant.ofEpochMilli(2_000)));
            assertReset(groups, 0, OffsetPlace.earliest());
            assertReset(groups, 9, OffsetPlace.offset(9));
            assertEquals(Map.of(T0, 0L), groups.previewReset("g", Set.of(T0), OffsetPlace.earliest()));
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", MANUAL)) {
                assertEquals(9, member.position(T0));
            }
            assertThrows(
                    UnknownTopicOrPartitionException.class,
                    () -> groups.reset("g", Set.of(T0, new TopicPartition("t", 2)), OffsetPlace.earliest()));
            assertEquals(9, committed(groups));
            assertEquals(Map.of(T1, 0L), groups.reset("new", Set.of(T1), OffsetPlace.latest()));
            assertEquals(Set.of("g", "new"), groups.names());
        }
    }

    private static void assertReset(Groups groups, long expected, OffsetPlace place) {
        assertEquals(Map.of(T0, expected), groups.previewReset("g", Set.of(T0), place));
        assertEquals(Map.of(T0, expected), groups.reset("g", Set.of(T0), place));
        assertEquals(expected, committed(groups));
    }

    private static long committed(Groups groups) {
        return Objects.requireNonNull(progress(groups.describe("g"), T0).committed())
                .offset();
    }

    @Test
    void deletesGroupsAndOffsetsThatNobodyUses() {
        try (Broker broker = Broker.inMemory()) {
            Groups groups = Groups.of(broker);
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                send(broker, 0, 2);
                member.poll(Duration.ZERO);
                member.commit();
                assertThrows(GroupNotEmptyException.class, () -> groups.delete("g"));
                assertThrows(GroupNotEmptyException.class, () -> groups.deleteOffsets("g", Set.of(T0)));
            }

            groups.deleteOffsets("g", Set.of(T0));
            assertNull(groups.describe("g").progress().get(T0));
            assertEquals(0, committedOf1(groups));
            groups.delete("g");

            assertEquals(Set.of(), groups.names());
            assertThrows(GroupIdNotFoundException.class, () -> groups.delete("g"));
            assertThrows(GroupIdNotFoundException.class, () -> groups.describe("g"));
            assertThrows(GroupIdNotFoundException.class, () -> groups.deleteOffsets("g", Set.of(T0)));
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                assertEquals(2, member.poll(Duration.ZERO).size());
            }
        }
    }

    private static long committedOf1(Groups groups) {
        return Objects.requireNonNull(progress(groups.describe("g"), T1).committed())
                .offset();
    }

    @Test
    void aBrokerThatOnlyReadsSeesTheGroupsOfTheOneThatWrites() {
        Path data = directory.resolve("data");
        try (Broker broker = Broker.open(ChronicleLog.at(data))) {
            Topic<String, String> topic = topic(broker);
            try (Broker reader = Broker.open(ChronicleLog.at(data).readOnly())) {
                Groups seen = Groups.of(reader);
                assertEquals(Set.of(), seen.names());
                send(broker, 0, 5);
                try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", MANUAL)) {
                    member.poll(Duration.ZERO);
                    member.commit(Map.of(T0, new OffsetAndMetadata(2)));

                    GroupDescription group = seen.describe("g");

                    assertEquals(1, group.members().size());
                    assertFalse(group.members().get(0).isAway());
                    assertEquals(new OffsetAndMetadata(2), progress(group, T0).committed());
                }
                assertThrows(ReadOnlyException.class, () -> seen.delete("g"));
                assertThrows(
                        ReadOnlyException.class,
                        () -> ConsumerGroup.join(reader.topic("t", Serdes.string(), Serdes.string()), "g"));
                assertTrue(seen.describe("g").members().isEmpty());
            }
        }
    }

    /** O01: who watches the broker hears of rebalances. */
    @Test
    void aListenerAndTheFlightRecorderHearOfRebalances() throws IOException {
        List<String> heard = new ArrayList<>();
        MetricsListener listener = new MetricsListener() {
            @Override
            public void onRebalance(String group, int epoch, int members, int partitions) {
                heard.add(group + " " + epoch + " " + members + " " + partitions);
            }
        };
        Path file = directory.resolve("recording.jfr");
        try (Recording recording = new Recording();
                Broker broker = Broker.open(
                        Storage.inMemory(),
                        BrokerSettings.defaults(),
                        Seams.system().withMetricsListener(listener))) {
            recording.start();
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic(broker), "g", MANUAL)) {
                assertEquals(2, member.assignment().size());
            }
            recording.stop();
            recording.dump(file);
        }
        assertEquals(List.of("g 1 1 2", "g 2 0 0"), heard);
        List<String> recorded = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            if (event.getEventType().getName().equals("io.tidemill.Rebalance")) {
                recorded.add(event.getString("group") + " " + event.getInt("epoch") + " " + event.getInt("members")
                        + " " + event.getInt("partitions"));
            }
        }
        assertEquals(heard, recorded);
    }

    private static PartitionProgress progress(GroupDescription group, TopicPartition partition) {
        return Objects.requireNonNull(group.progress().get(partition), group::toString);
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(2));
    }

    private static void send(Broker broker, int partition, int count) {
        Topic<String, String> topic = topic(broker);
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(topic.send(ProducerRecord.<String, String>of(null, "v").toPartition(partition)));
        }
        sent.forEach(CompletableFuture::join);
    }
}
