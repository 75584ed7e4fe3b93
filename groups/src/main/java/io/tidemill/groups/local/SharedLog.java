package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import io.tidemill.RecordMetadata;
import io.tidemill.Topic;
import io.tidemill.broker.HostBroker;
import io.tidemill.lane.Partition;
import io.tidemill.raw.RawConsumer;
import io.tidemill.raw.RawConsumerSettings;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A log of groups that other brokers append to as well. It is read on and on; what is appended expects that all that is there was
 * read. Owned as the {@link GroupTable} is, but for what says otherwise.
 */
final class SharedLog {
    private final Topic<byte[], byte[]> topic;
    private final Partition partition;
    private final RawConsumer reader;
    /** Up to there all is read. Written by the owner. */
    private volatile long readEnd;

    /** Waits for the leader, if it is kept elsewhere. */
    SharedLog(HostBroker broker, String name) {
        this.topic = Objects.requireNonNull(broker.internalTopic(name, EventLog.SETTINGS));
        this.partition = broker.openTopics().stream()
                .filter(open -> open.name().equals(name))
                .findFirst()
                .orElseThrow()
                .partition(0);
        this.reader = broker.consumers().rawConsumer(partition, RawConsumerSettings.defaults());
        this.readEnd = reader.position();
        partition.addWaiting(broker.wakeup());
    }

    /** Whether more may be there than was read. Any thread. */
    boolean hasNews() {
        return partition.committedAcquire() > readEnd;
    }

    /** Reads what is there by now; answers how much. */
    int read(EventLog.Event event) {
        int count = reader.poll(record -> EventLog.replay(record, event), Integer.MAX_VALUE);
        readEnd = reader.position();
        return count;
    }

    /** Where the next append is to be. */
    long end() {
        return readEnd;
    }

    /** Nothing, if it ends elsewhere than where it was read to. */
    CompletableFuture<RecordMetadata> append(List<ProducerRecord<byte[], byte[]>> events) {
        return topic.append(0, readEnd, events);
    }

    /** That was appended, and need not be read. */
    void onAppended(int count) {
        reader.seek(readEnd + count);
        readEnd = reader.position();
    }
}
