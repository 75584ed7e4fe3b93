package io.tidemill.testkit;

import io.tidemill.spi.Transport;
import io.tidemill.spi.TransportContract;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

/** The contract of a transport, over a network that does its best and over one that does its worst. */
final class SimNetworkTransportTest {
    @Nested
    final class Perfect extends OverSimNetwork {
        Perfect() {
            super(SimNetworkSettings.perfect());
        }
    }

    @Nested
    final class Hostile extends OverSimNetwork {
        Hostile() {
            super(SimNetworkSettings.perfect()
                    .withLoss(0.3)
                    .withDuplication(0.3)
                    .withDelay(Duration.ofMillis(1), Duration.ofMillis(50)));
        }
    }

    abstract static class OverSimNetwork extends TransportContract {
        private final ManualClock clock = new ManualClock();
        private final SimNetwork network;

        OverSimNetwork(SimNetworkSettings settings) {
            network = new SimNetwork(new SplittableRandom(1), clock, settings);
        }

        @Override
        protected List<Transport> connectThree() {
            return Stream.of(1, 2, 3).map(network::join).toList();
        }

        @Override
        protected void passTime() {
            clock.advance(Duration.ofMillis(1));
        }
    }
}
