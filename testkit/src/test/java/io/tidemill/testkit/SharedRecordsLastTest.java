package io.tidemill.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.DeadLetterHeaders;
import io.tidemill.Deserializer;
import io.tidemill.ProducerRecord;
import io.tidemill.Serde;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicContent;
import io.tidemill.TopicSettings;
import io.tidemill.errors.ReadOnlyException;
import io.tidemill.errors.StorageException;
import io.tidemill.groups.AcknowledgeType;
import io.tidemill.groups.AcknowledgementMode;
import io.tidemill.groups.ShareGroup;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.SharedRecord;
import io.tidemill.log.ChronicleLog;
import io.tidemill.runtime.ChildProcess;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.PartitionLog;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a share group was told lasts: over restarts, crashes, failed writes, and members that go at it together. */
class SharedRecordsLastTest {
    private static final int WRITES_MAX = 100;
    private static final ShareGroupSettings EXPLICIT = ShareGroupSettings.defaults()
            .withAcknowledgementMode(AcknowledgementMode.EXPLICIT)
            .withMaxPollRecords(3)
            .withDeliveryCountLimit(10)
            .withDeadLetterTopic("dead");

    private final ManualClock clock = new ManualClock();
    private final ParkHook parker = new ParkHook(clock);
    /** No two topics have one id. */
    private final SplittableRandom random = new SplittableRandom(1);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void afterARestartWhatWasNotAcceptedIsGivenOutAgainAndWhatWasIsNot(Engine engine) {
        Storage storage = engine.storage(directory);
        Broker first = Broker.open(storage);
        send(first, 6);
        ShareGroup<String, String> a = ShareGroup.join(topic(first), "g");
        List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
        assertEquals(6, taken.size());
        a.acknowledge(taken.get(0), AcknowledgeType.RELEASE);
        a.acknowledge(taken.get(4), AcknowledgeType.REJECT);
        a.commit();
        assertEquals(List.of("0 2"), show(a.poll(Duration.ZERO)));
        send(first, 1);
        // It ends without the member having said anything.
        first.close();
        try (Broker broker = Broker.open(storage);
                ShareGroup<String, String> b = ShareGroup.join(topic(broker), "g")) {
            assertEquals(List.of("0 3", "6 1"), show(b.poll(Duration.ZERO)));
        }
        try (Broker broker = Broker.open(storage);
                ShareGroup<String, String> b = ShareGroup.join(topic(broker), "g")) {
            assertEquals(List.of("0 4", "6 2"), show(b.poll(Duration.ZERO)));
            assertEquals(List.of(), b.commit());
        }
        a.close();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void recordsThatComeWhereATailWasLostAreNew(Engine engine) {
        Storage storage = engine.storage(directory);
        try (Broker broker = Broker.open(storage);
                ShareGroup<String, String> a = ShareGroup.join(topic(broker), "g")) {
            for (int i = 0; i < 10; i++) {
                send(broker, 1);
            }
            assertEquals(10, a.poll(Duration.ZERO).size());
            a.commit();
        }
        // The machine crashed, and what the group knows was on its disk before the records were.
        try (LogStore store = storage.open(clock);
                PartitionLog log = store.openLog("t-0", LogSettings.defaults())) {
            log.truncate(4);
            assertEquals(4, log.endOffset());
        }
        for (int i = 0; i < 2; i++) {
            try (Broker broker = Broker.open(storage)) {
                if (i == 0) {
                    // Before anybody asks for the group: the log ends behind where it ended before.
                    send(broker, 8);
                }
                try (ShareGroup<String, String> a = ShareGroup.join(topic(broker), "g")) {
                    List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
                    assertEquals(8, taken.size());
                    assertEquals(4, taken.get(0).offset());
                    assertEquals(i + 1, taken.get(0).deliveryCount());
                }
            }
        }
    }

    @Test
    void limitsOfTheMembersCountForWhatIsReadBack() {
        Storage storage = Storage.inMemory();
        for (int delivery = 1; delivery <= 8; delivery++) {
            try (Broker broker = manual(storage)) {
                if (delivery == 1) {
                    broker.createTopic("dead", TopicSettings.partitions(1));
                    send(broker, 1);
                }
                ShareGroup<String, String> member = ShareGroup.join(topic(broker), "g", EXPLICIT);
                assertEquals(List.of("0 " + delivery), show(member.poll(Duration.ZERO)));
            }
        }
    }

    @Test
    void aTopicThatIsGoneIsForgottenWithItsStates() {
        Storage storage = Storage.inMemory();
        try (Broker broker = manual(storage);
                ShareGroup<String, String> member = ShareGroup.join(topic(broker), "g")) {
            send(broker, 2);
            assertEquals(2, member.poll(Duration.ZERO).size());
            member.commit();
            broker.deleteTopic("t");
        }
        for (int i = 0; i < 2; i++) {
            try (Broker broker = manual(storage)) {
                send(broker, 1);
                try (ShareGroup<String, String> member = ShareGroup.join(topic(broker), "g")) {
                    assertEquals(1, member.poll(Duration.ZERO).size());
                    member.commit();
                }
            }
        }
    }

    @Test
    void nobodyJoinsInABrokerThatOnlyReads() {
        ChronicleLog log = ChronicleLog.at(directory.resolve("data"));
        try (Broker broker = Broker.open(log)) {
            send(broker, 1);
            ShareGroup.join(topic(broker), "g").close();
        }
        try (Broker broker = Broker.open(log.readOnly())) {
            Topic<String, String> topic = topic(broker);

            assertThrows(ReadOnlyException.class, () -> ShareGroup.join(topic, "g"));
            assertThrows(ReadOnlyException.class, () -> ShareGroup.join(topic, "other"));
        }
    }

    @Test
    void closingByAnotherThreadEndsAPoll() {
        try (Broker broker = manual(Storage.inMemory())) {
            ShareGroup<String, String> a = ShareGroup.join(topic(broker), "g");
            Duration start = clock.elapsed();
            parker.beforeNextPark(() -> closeMeanwhile(a));

            assertEquals(List.of(), a.poll(Duration.ofDays(1)));

            assertEquals(start, clock.elapsed());
        }
    }

    @Test
    void whatAMemberIsGivenWhileItIsClosedIsAnothers() throws InterruptedException {
        try (Broker broker = manual(Storage.inMemory());
                ShareGroup<String, String> b = ShareGroup.join(topic(broker), "g")) {
            send(broker, 1);
            List<ShareGroup<String, String>> reading = new ArrayList<>();
            List<Thread> closing = new ArrayList<>();
            Deserializer<String> values = (buffer, index, length) -> {
                closing.add(closeMeanwhile(reading.get(0)));
                return "read";
            };
            Topic<String, String> topic = broker.topic(
                    "t", Serdes.string(), new Serde<>(Serdes.string().serializer(), values));
            reading.add(ShareGroup.join(topic, "g"));

            assertEquals(List.of(), reading.get(0).poll(Duration.ZERO));
            closing.get(0).join();

            assertEquals(List.of("0 2"), show(b.poll(Duration.ZERO)));
        }
    }

    /** Until it waits for the poll that calls this. */
    private static Thread closeMeanwhile(ShareGroup<String, String> member) {
        Thread thread = startThread(member::close);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void deadLettersInFrontOfOneThatCannotBeCopiedAreCopiedOnce() {
        int[] appends = {Integer.MIN_VALUE};
        // The commit is the first, and the copy of the third record the fourth.
        FaultyStorage faulty =
                new FaultyStorage(Storage.inMemory(), what -> what.equals("append") && ++appends[0] == 4);
        try (Broker broker = manual(faulty)) {
            broker.createTopic("dead", TopicSettings.partitions(1));
            send(broker, 3);
            try (ShareGroup<String, String> a = ShareGroup.join(topic(broker), "g", EXPLICIT)) {
                a.poll(Duration.ZERO).forEach(record -> a.acknowledge(record, AcknowledgeType.REJECT));
                appends[0] = 0;
                a.commit();
                Topic<String, String> dead = broker.topic("dead", Serdes.string(), Serdes.string());
                assertEquals(2, TopicContent.of(dead).size());

                assertEquals(List.of(), a.poll(Duration.ofSeconds(5)));

                assertEquals(3, TopicContent.of(dead).size());
            }
        }
    }

    @Test
    void aCommitThatIsNotWrittenIsToldAndTheRecordsComeAgain() {
        Storage storage = Storage.inMemory();
        boolean[] fails = new boolean[1];
        FaultyStorage faulty = new FaultyStorage(storage, what -> fails[0] && what.equals("append"));
        try (Broker broker = manual(faulty)) {
            send(broker, 2);
            try (ShareGroup<String, String> a = ShareGroup.join(topic(broker), "g")) {
                List<SharedRecord<String, String>> taken = a.poll(Duration.ZERO);
                fails[0] = true;
                assertThrows(StorageException.class, a::commit);
                fails[0] = false;

                assertEquals(taken, a.commit());

                assertEquals(List.of("0 2", "1 2"), show(a.poll(Duration.ZERO)));
                assertEquals(List.of(), a.commit());
            }
        }
    }

    /** Whatever write fails, it is told or tried again, nothing accepted comes again, and nothing else is lost. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void survivesAFailureOfEveryWrite(Engine engine) {
        int failingWrite = 0;
        boolean isReached = true;
        while (isReached) {
            Storage storage = engine.storage(directory.resolve("" + failingWrite));
            try (Broker broker = manual(storage)) {
                broker.createTopic("dead", TopicSettings.partitions(1));
                send(broker, 12);
            }
            FaultyStorage faulty = new FaultyStorage(storage, failingWrite);
            List<RuntimeException> failures = new ArrayList<>();
            Set<Long> accepted = new TreeSet<>();
            try (Broker broker = manual(faulty)) {
                share(broker, accepted, failures);
            } catch (RuntimeException e) {
                failures.add(e);
            }
            isReached = faulty.hasFailed();
            String run = "failingWrite=" + failingWrite + ", failures=" + failures + ", accepted=" + accepted;
            failures.forEach(failure -> assertInstanceOf(StorageException.class, failure, run));
            assertTrue(isReached || failures.isEmpty(), run);
            try (Broker broker = manual(storage)) {
                Set<Long> again = drain(broker, EXPLICIT);
                Set<Long> seen = new TreeSet<>(accepted);
                assertTrue(seen.stream().noneMatch(again::contains), run + ", again=" + again);
                seen.addAll(again);
                seen.addAll(deadLetters(broker));
                assertEquals(12, seen.size(), run + ", again=" + again);
            }
            failingWrite++;
            assertTrue(failingWrite < WRITES_MAX, run);
        }
        assertTrue(failingWrite > 10, "only " + failingWrite + " writes were seen");
    }

    /** Two members say something of each kind, and try again whatever fails. */
    private void share(Broker broker, Set<Long> accepted, List<RuntimeException> failures) {
        Topic<String, String> topic = topic(broker);
        ShareGroup<String, String> a = again(failures, () -> ShareGroup.join(topic, "g", EXPLICIT));
        ShareGroup<String, String> b = again(failures, () -> ShareGroup.join(topic, "g", EXPLICIT));
        for (int round = 0; round < 2; round++) {
            for (ShareGroup<String, String> member : List.of(a, b)) {
                List<SharedRecord<String, String>> taken = again(failures, () -> member.poll(Duration.ZERO));
                assertEquals(3, taken.size());
                member.acknowledge(taken.get(0));
                member.acknowledge(taken.get(1), AcknowledgeType.RELEASE);
                member.acknowledge(taken.get(2), AcknowledgeType.REJECT);
                if (!again(failures, member::commit).contains(taken.get(0))) {
                    accepted.add(taken.get(0).offset());
                }
            }
        }
        clock.advance(Duration.ofSeconds(2));
        again(failures, () -> {
            a.close();
            return true;
        });
        again(failures, () -> {
            b.close();
            return true;
        });
    }

    private static <T> T again(List<RuntimeException> failures, Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (StorageException e) {
            failures.add(e);
            return attempt.get();
        }
    }

    @Test
    void survivesKill() throws IOException {
        Path data = directory.resolve("data");
        try (Broker broker = Broker.open(ChronicleLog.at(data))) {
            send(broker, 5_000);
        }
        Set<Long> accepted = new HashSet<>();
        for (int round = 0; round < 3; round++) {
            try (ChildProcess child = ChildProcess.start(SharingRun.class, List.of(), data)) {
                for (int left = 200 + 37 * round; left > 0; left--) {
                    accepted.add(Long.parseLong(Objects.requireNonNull(child.readLine())));
                }
                child.kill();
                for (String line = child.readLine(); line != null && !line.isEmpty(); line = child.readLine()) {
                    accepted.add(Long.parseLong(line));
                }
            }
            try (Broker broker = Broker.open(ChronicleLog.at(data))) {
                Set<Long> again = drain(broker, SharingRun.SETTINGS.withMaxPollRecords(10_000));

                assertTrue(accepted.stream().noneMatch(again::contains), "accepted and given out again");
                int untold = 5_000 - again.size() - accepted.size();
                assertTrue(untold >= 0 && untold <= 5, "untold=" + untold);
                for (long offset = 0; offset < 5_000; offset++) {
                    if (!again.contains(offset)) {
                        accepted.add(offset);
                    }
                }
            }
        }
    }

    /** What a new member gets; it gives all of it back. */
    private static Set<Long> drain(Broker broker, ShareGroupSettings settings) {
        Set<Long> offsets = new TreeSet<>();
        List<ShareGroup<String, String>> members = new ArrayList<>();
        List<SharedRecord<String, String>> taken;
        do {
            ShareGroup<String, String> member = ShareGroup.join(topic(broker), "g", settings);
            members.add(member);
            taken = member.poll(Duration.ZERO);
            taken.forEach(record -> assertTrue(offsets.add(record.offset()), "twice: offset=" + record.offset()));
        } while (!taken.isEmpty());
        members.forEach(ShareGroup::close);
        return offsets;
    }

    private static Set<Long> deadLetters(Broker broker) {
        Set<Long> offsets = new TreeSet<>();
        TopicContent.of(broker.topic("dead", Serdes.string(), Serdes.string()))
                .forEach(letter -> letter.headers().stream()
                        .filter(header -> header.key().equals(DeadLetterHeaders.OFFSET))
                        .forEach(header -> offsets.add(
                                Long.parseLong(new String(Objects.requireNonNull(header.value()), UTF_8)))));
        return offsets;
    }

    @Test
    void membersOnThreadsAcceptEachRecordOnce() {
        int members = 4;
        int each = 50_000;
        try (Broker broker = Broker.inMemory()) {
            Topic<String, String> topic =
                    broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(3));
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (int i = 0; i < members * each; i++) {
                sent.add(topic.send(
                        ProducerRecord.<String, String>of(null, "" + i).toPartition(i % 3)));
            }
            sent.forEach(CompletableFuture::join);
            AtomicIntegerArray accepted = new AtomicIntegerArray(members * each);
            AtomicInteger left = new AtomicInteger(members * each);
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int i = 0; i < members; i++) {
                threads.add(CompletableFuture.runAsync(
                        () -> work(topic, accepted, left), SharedRecordsLastTest::startThread));
            }
            threads.forEach(CompletableFuture::join);

            for (int i = 0; i < members * each; i++) {
                assertEquals(1, accepted.get(i), "record=" + i);
            }
            try (ShareGroup<String, String> late = ShareGroup.join(topic, "g")) {
                assertEquals(List.of(), late.poll(Duration.ZERO));
            }
        }
    }

    /** Releases one in a thousand, for others. */
    private static void work(Topic<String, String> topic, AtomicIntegerArray accepted, AtomicInteger left) {
        try (ShareGroup<String, String> member = ShareGroup.join(topic, "g")) {
            while (left.get() > 0) {
                List<Integer> numbers = new ArrayList<>();
                for (SharedRecord<String, String> record : member.poll(Duration.ofMillis(100))) {
                    int number = Integer.parseInt(Objects.requireNonNull(record.value()));
                    if (number % 1_000 == 0 && record.deliveryCount() == 1) {
                        member.acknowledge(record, AcknowledgeType.RELEASE);
                    } else {
                        numbers.add(number);
                    }
                }
                assertEquals(List.of(), member.commit());
                numbers.forEach(accepted::incrementAndGet);
                left.addAndGet(-numbers.size());
            }
        }
    }

    /** The common pool may have fewer threads than there are members. */
    private static Thread startThread(Runnable task) {
        Thread thread = new Thread(task, "member");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private Broker manual(Storage storage) {
        return Broker.open(storage, BrokerSettings.defaults(), new Seams(clock, parker, random, Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker) {
        return broker.topics().contains("t")
                ? broker.topic("t", Serdes.string(), Serdes.string())
                : broker.topic("t", Serdes.string(), Serdes.string(), TopicSettings.partitions(1));
    }

    private static void send(Broker broker, int count) {
        Topic<String, String> topic = topic(broker);
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(topic.send(null, "v"));
        }
        sent.forEach(CompletableFuture::join);
    }

    private static List<String> show(List<SharedRecord<String, String>> records) {
        return records.stream()
                .map(record -> record.offset() + " " + record.deliveryCount())
                .toList();
    }
}
