package io.tidemill.replication.node;

import io.tidemill.replication.secret.Protection;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Transport;
import java.util.random.RandomGenerator;

/**
 * How a broker reaches the others.
 *
 * @param transport closed with the broker
 * @param parker sleeps until the transport has something
 * @param protection of what goes over it
 * @param nonces tells sessions apart; where there is a secret, nobody may be able to guess what it gives
 */
public record PeerNetwork(Transport transport, Parker parker, Protection protection, RandomGenerator nonces) {}
