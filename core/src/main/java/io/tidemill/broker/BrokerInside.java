package io.tidemill.broker;

import io.tidemill.BrokerSettings;
import io.tidemill.metrics.Telemetry;
import io.tidemill.runtime.CallerWait;
import io.tidemill.spi.Clock;
import io.tidemill.spi.LogStore;
import java.util.random.RandomGenerator;

/** What a broker is made of, for those who make topics of it. */
public record BrokerInside(
        WriteAccess access,
        BrokerSettings settings,
        Clock clock,
        RandomGenerator random,
        CallerWait callerWait,
        LogStore store,
        Lanes lanes,
        TopicLogs logs,
        OpenTopics topics,
        Telemetry telemetry) {}
