package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.Consumer;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.CleanupPolicy;
import io.tidemill.spi.CleanupSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * X06, what idling costs: the processor time of every thread that came with the broker, and of those that wait in poll. It
 * lets real time go by, inside a poll that finds nothing; but what it measures does not grow when the machine is busy with
 * something else.
 */
class IdleBrokerTest {
    private static final Duration SETTLING = Duration.ofSeconds(1);
    private static final Duration MEASURED = Duration.ofSeconds(4);
    /** 0.5 % of a core. */
    private static final long CPU_NS_MAX = MEASURED.toNanos() / 200;

    private static final List<TopicSettings> TOPICS = List.of(
            TopicSettings.partitions(20),
            TopicSettings.partitions(20).withFlush(new FlushSettings(Long.MAX_VALUE, 100)),
            TopicSettings.partitions(20).withCleanup(CleanupSettings.of(CleanupPolicy.COMPACT)));

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void anIdleBrokerUsesLessThanHalfAPercentOfACore(Engine engine) throws InterruptedException {
        List<Thread> waiting = new ArrayList<>();
        List<Consumer<String, String>> consumers = new ArrayList<>();
        try (Broker broker = Broker.open(engine.storage(directory))) {
            List<Topic<String, String>> topics = use(broker);
            for (Topic<String, String> topic : topics) {
                Consumer<String, String> consumer = topic.consumer();
                consumer.seekToEnd();
                consumers.add(consumer);
                waiting.add(new Thread(() -> consumer.poll(Duration.ofDays(1)), "waiting in poll"));
            }
            waiting.forEach(Thread::start);
            try (Consumer<String, String> own = topics.get(0).consumer()) {
                own.seekToEnd();
                assertTrue(own.poll(SETTLING).isEmpty());
                Map<String, Long> cpuNsBefore = cpuNs();
                // Without what looking at the others takes.
                long ownNsBefore = threads.getCurrentThreadCpuTime();

                assertTrue(own.poll(MEASURED).isEmpty());

                long ownNs = threads.getCurrentThreadCpuTime() - ownNsBefore;
                Map<String, Long> cpuNs = cpuNs();
                cpuNs.replaceAll((thread, ns) -> ns - cpuNsBefore.getOrDefault(thread, 0L));
                cpuNs.put("this thread", ownNs);
                long sumNs = cpuNs.values().stream().mapToLong(Long::longValue).sum();
                assertEquals(
                        TOPICS.size(), waiting.stream().filter(Thread::isAlive).count());
                assertTrue(sumNs > 0 && sumNs < CPU_NS_MAX, () -> "cpuNs=" + cpuNs + ", max=" + CPU_NS_MAX);
                assertEquals(
                        Set.of("tidemill-lane-0", "tidemill-delivery", "tidemill-maintenance"), namesOfNew(waiting));
            }
            consumers.forEach(Consumer::close);
            for (Thread thread : waiting) {
                thread.join();
            }
        }
        assertEquals(Set.of(), namesOfNew(waiting));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aManualBrokerHasNoThreadWhateverItsStorage(Engine engine) {
        Seams manual = Seams.system().withThreads(Threads.manual());
        try (Broker broker = Broker.open(engine.storage(directory), BrokerSettings.defaults(), manual)) {
            use(broker);

            assertEquals(Set.of(), namesOfNew(List.of()));
        }
    }

    /** Creates the topics where they are not there yet, and sends something to each partition. */
    private static List<Topic<String, String>> use(Broker broker) {
        List<Topic<String, String>> topics = new ArrayList<>();
        for (int i = 0; i < TOPICS.size(); i++) {
            Topic<String, String> topic = broker.topic("t" + i, Serdes.string(), Serdes.string(), TOPICS.get(i));
            for (int key = 0; key < 100; key++) {
                topic.send("k" + key, "v").join();
            }
            topics.add(topic);
        }
        return topics;
    }

    private Map<String, Long> cpuNs() {
        Map<String, Long> cpuNs = new HashMap<>();
        for (Thread thread : newThreads()) {
            cpuNs.put(thread.getName() + "#" + thread.getId(), threads.getThreadCpuTime(thread.getId()));
        }
        return cpuNs;
    }

    private Set<String> namesOfNew(List<Thread> ours) {
        Set<String> names = new TreeSet<>();
        for (Thread thread : newThreads()) {
            if (!ours.contains(thread)) {
                assertTrue(thread.isDaemon(), thread::toString);
                names.add(thread.getName());
            }
        }
        return names;
    }

    /** But for the one of JUnit that watches the time. */
    private List<Thread> newThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && !thread.getName().startsWith("junit-"))
                .toList();
    }
}
