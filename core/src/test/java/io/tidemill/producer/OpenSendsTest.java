package io.tidemill.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.ProducerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.errors.UnansweredException;
import io.tidemill.lane.Lane;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is open is found, and what is reported is let go, also while somebody looks. */
class OpenSendsTest {
    static {
        JvmAccess.ensureAgrona();
    }

    private final SetClock clock = new SetClock(1_000);
    private final Lane lane = SteppedLane.create(clock);
    private final LogStore store = Storage.inMemory().open(clock);
    private final Partition partition = lane.add("t", 0, TopicSettings.partitions(1), store.openLog("t-0"));
    private final Reports reports = new Reports(
            ProducerSettings.defaults(),
            new CallerWait(new AgentHost(Threads.manual(), true, ThreadParker.INSTANCE), clock, ThreadParker.INSTANCE));
    private final OpenSends sends = new OpenSends(partition, newSend());
    private final ReportedSend first = added();
    private final ReportedSend second = added();
    private final ReportedSend third = added();

    @Test
    void letsGoOfWhatIsReportedUpToTheFirstThatIsNot() {
        first.giveUp(doubt());
        third.giveUp(doubt());
        sends.removeReported();

        assertEquals(List.of(second, third), visited());
        assertFalse(sends.isEmpty());

        second.giveUp(doubt());
        sends.removeReported();

        assertTrue(sends.isEmpty());
        // Otherwise whoever holds an old one would hold all that came later.
        assertSame(first, first.nextAcquire());
        assertSame(second, second.nextAcquire());
    }

    @Test
    void looksOnAtTheRestWhenWhatItLooksAtIsLetGo() {
        List<ReportedSend> seen = new ArrayList<>();
        sends.forEach(send -> {
            seen.add(send);
            if (send == first) {
                first.giveUp(doubt());
                second.giveUp(doubt());
                sends.removeReported();
            }
        });

        assertEquals(List.of(first, third), seen);
    }

    private List<ReportedSend> visited() {
        List<ReportedSend> visited = new ArrayList<>();
        sends.forEach(visited::add);
        return visited;
    }

    private ReportedSend added() {
        ReportedSend send = newSend();
        sends.add(send);
        return send;
    }

    private ReportedSend newSend() {
        return reports.newSend(partition, null);
    }

    private static UnansweredException doubt() {
        return new UnansweredException("doubt");
    }
}
