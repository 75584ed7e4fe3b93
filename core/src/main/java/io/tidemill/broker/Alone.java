package io.tidemill.broker;

import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.lane.Appenders;
import io.tidemill.runtime.CallerWait;
import io.tidemill.runtime.ThreadParker;
import io.tidemill.runtime.TimedAgent;
import io.tidemill.spi.Parker;
import java.time.Duration;

/** Of a broker that is the only one. */
final class Alone implements PeerSide {
    @Override
    public boolean isAlone() {
        return true;
    }

    @Override
    public Parker parker() {
        return ThreadParker.INSTANCE;
    }

    @Override
    public Appenders appenders() {
        return Appenders.LOCAL;
    }

    @Override
    public Topics topics(BrokerInside inside) {
        return new LocalTopics(inside);
    }

    @Override
    public Incarnation self() {
        return Incarnation.NONE;
    }

    @Override
    public Fate fate(Incarnation broker) {
        return broker.equals(Incarnation.NONE) ? Fate.HERE : Fate.OVER;
    }

    @Override
    public boolean canAgree() {
        return true;
    }

    @Override
    public Duration patience() {
        return CallerWait.FOREVER;
    }

    @Override
    public TimedAgent beside(TimedAgent lane) {
        return lane;
    }

    @Override
    public void leave() {
        // nobody would notice
    }
}
