package io.tidemill.broker;

import io.tidemill.broker.Incarnation.Fate;
import io.tidemill.lane.Appenders;
import io.tidemill.runtime.TimedAgent;
import io.tidemill.spi.Parker;
import java.time.Duration;

/**
 * The side of a broker that other brokers see, if there are any: with whom it agrees on topics, and who else must have what it
 * appends. One of it is for one broker, and what it gives is asked for once, in this order.
 */
public interface PeerSide {
    /** Whether there are no others. */
    boolean isAlone();

    /** How the thread of the lanes sleeps. */
    Parker parker();

    /** What becomes of batches. */
    Appenders appenders();

    /** What topics there are; the broker is as good as open. */
    Topics topics(BrokerInside inside);

    /** This broker, as others know it now. Any thread. */
    Incarnation self();

    /** What has become of one of them. Any thread. */
    Fate fate(Incarnation broker);

    /** Whether enough brokers are there to agree on anything. Any thread. */
    boolean canAgree();

    /** How long a caller waits for others, at most. */
    Duration patience();

    /** What runs on the lane's thread. */
    TimedAgent beside(TimedAgent lane);

    /** The broker is about to close, and can do everything yet. It is closed with its lane. */
    void leave();
}
