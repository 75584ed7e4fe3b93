package io.tidemill.replication.udp;

import io.tidemill.spi.Transport;
import io.tidemill.spi.TransportContract;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

/** The contract of a transport, over sockets. */
final class UdpTransportContractTest {
    @Nested
    final class OverIpv4 extends OverLoopback {
        OverIpv4() {
            super("127.0.0.1");
        }
    }

    @Nested
    final class OverIpv6 extends OverLoopback {
        OverIpv6() {
            super("::1");
        }
    }

    abstract static class OverLoopback extends TransportContract {
        private final String host;

        OverLoopback(String host) {
            this.host = host;
        }

        @Override
        protected List<Transport> connectThree() {
            List<UdpTransport> transports = Stream.of(1, 2, 3)
                    .map(id -> UdpTransport.open(id, new InetSocketAddress(host, 0), UdpSettings.defaults()))
                    .toList();
            for (UdpTransport transport : transports) {
                for (UdpTransport peer : transports) {
                    if (peer != transport) {
                        transport.addPeer(peer.brokerId(), peer.localAddress());
                    }
                }
            }
            return List.copyOf(transports);
        }

        @Override
        protected void passTime() {
            // Loopback delivers before send returns.
        }
    }
}
