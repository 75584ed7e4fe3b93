package io.tidemill.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.PartitionMetrics;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.spi.FlushSettings;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** O01: what the JVM's flight recorder is told, read back from a recording. */
class FlightRecordingTest {
    private static final String APPEND = "io.tidemill.Append";
    private static final String FLUSH = "io.tidemill.Flush";
    private static final String ROLL = "io.tidemill.Roll";

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Engine.class)
    void recordsEachBatchAndEachFlush(Engine engine) throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording();
                Broker broker = open(engine)) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withFlush(FlushSettings.EVERY_BATCH));
            topic.send("k", "before the recording").join();
            recordAll(recording);
            topic.send("k", "v");
            topic.send("k", "v").join();
            topic.send("k", "v").join();
            events = read(recording);
        }

        List<RecordedEvent> appends = of(APPEND, events);
        assertEquals(List.of(1L, 3L), values(appends, "baseOffset"));
        assertEquals(List.of(2, 1), values(appends, "records"));
        assertEquals(List.of(64L + 2 * 32, 64L + 32), values(appends, "bytes"));
        assertEquals(List.of("t", "t"), values(appends, "topic"));
        assertEquals(List.of(0, 0), values(appends, "partition"));
        assertEquals(2, of(FLUSH, events).size());
        assertTrue(appends.get(1).getStartTime().compareTo(appends.get(0).getEndTime()) >= 0, events::toString);
        assertTrue(
                appends.stream()
                        .allMatch(append -> append.getDuration().compareTo(Duration.ZERO) > 0
                                && append.getDuration().compareTo(Duration.ofMinutes(1)) < 0),
                events::toString);
    }

    @Test
    void recordsThatAFileWasSealed() throws IOException {
        List<RecordedEvent> events;
        long rolls;
        try (Recording recording = new Recording();
                Broker broker = open(Engine.CHRONICLE)) {
            Topic<String, String> topic =
                    topic(broker, TopicSettings.partitions(1).withSegmentBytes(16 * 1024));
            recordAll(recording);
            for (int i = 0; i < 50; i++) {
                topic.send("k", "v".repeat(1_000)).join();
            }
            events = read(recording);
            rolls = broker.metrics().partitions().stream()
                    .mapToLong(PartitionMetrics::rolls)
                    .sum();
        }

        List<RecordedEvent> sealed = of(ROLL, events);
        assertTrue(rolls > 0);
        assertEquals(rolls, sealed.size());
        assertEquals(50, of(APPEND, events).size());
        assertTrue(sealed.get(0).getLong("endOffset") > 0);
        assertTrue(sealed.get(0).getLong("bytes") > 8 * 1024, sealed::toString);
    }

    @Test
    void recordsOnlyWhatIsSlowUnlessAskedForMore() throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording();
                Broker broker = open(Engine.MEMORY)) {
            Topic<String, String> topic = topic(broker, TopicSettings.partitions(1));
            topic.send("k", "v").join();
            recording.enable(APPEND).withThreshold(Duration.ofHours(1));
            recording.start();
            topic.send("k", "v").join();
            events = read(recording);
        }

        assertEquals(List.of(), of(APPEND, events));
    }

    private static void recordAll(Recording recording) {
        for (String event : List.of(APPEND, FLUSH, ROLL)) {
            recording.enable(event).withoutThreshold();
        }
        recording.start();
    }

    private List<RecordedEvent> read(Recording recording) throws IOException {
        recording.stop();
        Path file = directory.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> of(String type, List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(type))
                .toList();
    }

    private static List<Object> values(List<RecordedEvent> events, String field) {
        return events.stream().map(event -> event.getValue(field)).toList();
    }

    private Broker open(Engine engine) {
        return Broker.open(
                engine.storage(directory),
                BrokerSettings.defaults(),
                Seams.system().withThreads(Threads.manual()));
    }

    private static Topic<String, String> topic(Broker broker, TopicSettings settings) {
        return broker.topic("t", Serdes.string(), Serdes.string(), settings);
    }
}
