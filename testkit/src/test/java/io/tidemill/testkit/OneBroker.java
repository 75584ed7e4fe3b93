package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.BrokerSettings;
import io.tidemill.TopicSettings;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.spi.Seams;
import io.tidemill.spi.Storage;
import io.tidemill.spi.Threads;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Members of {@link GroupRuns} live in one broker, whose appends fail now and then. */
final class OneBroker implements GroupRuns.Surroundings {
    private final SplittableRandom random;
    private final ManualClock clock;
    private boolean isFailing;
    private final Storage faulty = new FaultyStorage(Storage.inMemory(), what -> isFailing && what.equals("append"));
    private Broker broker;

    OneBroker(SplittableRandom random, ManualClock clock) {
        this.random = random;
        this.clock = clock;
        this.broker = open();
    }

    private Broker open() {
        return Broker.open(
                faulty, BrokerSettings.defaults(), new Seams(clock, clock, random.split(), Threads.manual()));
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public TopicSettings topicSettings() {
        return TopicSettings.partitions(3);
    }

    @Override
    public List<Broker> brokers() {
        return List.of(broker);
    }

    @Override
    public void disturb() {
        isFailing = random.nextInt(25) == 0;
    }

    @Override
    public void letSend() {
        isFailing = false;
    }

    @Override
    public Broker restart() {
        isFailing = false;
        Broker ended = broker;
        ended.close();
        broker = open();
        return ended;
    }

    @Override
    public boolean isExpected(TidemillException failure) {
        return isFailing && failure instanceof StorageException;
    }

    @Override
    public void letSessionsEnd() {
        clock.advance(Duration.ofSeconds(50));
    }

    @Override
    public void settle() {
        isFailing = false;
    }

    @Override
    public void close() {
        broker.close();
    }
}
