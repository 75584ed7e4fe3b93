package io.tidemill.runtime;

import org.agrona.concurrent.Agent;

/** An agent that has something to do when its time has come, though nobody signals it. */
public interface TimedAgent extends Agent {
    /** How long it may be left alone if nobody signals it; {@link Long#MAX_VALUE} where nothing waits for a time. Any thread. */
    long idleNsMax();
}
