package io.tidemill.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemill.ProducerRecord;
import io.tidemill.ProducerSettings;
import io.tidemill.Serdes;
import io.tidemill.TopicSettings;
import io.tidemill.errors.BrokerClosedException;
import io.tidemill.lane.Lane;
import io.tidemill.lane.OpenTopic;
import io.tidemill.lane.Partition;
import io.tidemill.lane.SteppedLane;
import io.tidemill.runtime.AgentHost;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.JvmAccess;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.spi.LogStore;
import io.tidemill.spi.SetClock;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** The moment between claim and commit, which nobody can hit from outside. */
class TopicProducerTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_000);
    private final Lane lane = SteppedLane.create(clock);
    private final LogStore store = Storage.inMemory().open(clock);
    private final Partition partition = lane.add("t", 0, TopicSettings.partitions(1), store.openLog("t-0"));
    private final CallerWait callerWait =
            new CallerWait(new AgentHost(Threads.manual(), true, ThreadParker.INSTANCE), clock, ThreadParker.INSTANCE);
    private final Reports reports = new Reports(ProducerSettings.defaults(), callerWait);

    @Test
    void answersARecordWhoseClaimTheLaneGaveUpWhenItStopped() {
        TopicProducer<byte[], byte[]> producer = new TopicProducer<>(
                new OpenTopic(new UUID(0, 7), "t", partition.settings(), List.of(partition)),
                Serdes.bytes(),
                Serdes.bytes(),
                (key, index, length, partitions) -> 0,
                callerWait,
                Duration.ZERO,
                (to, listener) -> new StoppingSend(reports.newSend(to, null)));

        var sent = producer.send(0, ProducerRecord.NO_TIMESTAMP, null, new byte[8], List.of());

        CompletionException e = assertThrows(CompletionException.class, sent::join);
        assertInstanceOf(BrokerClosedException.class, e.getCause());
        assertEquals(1, reports.accepted());
        assertEquals(1, reports.failed());
    }

    /** Counts as the one that it stands for, and stops the lane when that is about to be committed. */
    private final class StoppingSend extends SendFuture {
        private final ReportedSend send;

        StoppingSend(ReportedSend send) {
            super(partition, callerWait);
            this.send = send;
        }

        @Override
        void onClaimed() {
            send.onClaimed();
            lane.onClose();
        }

        @Override
        void giveUp(RuntimeException cause) {
            send.giveUp(cause);
            super.giveUp(cause);
        }
    }
}
