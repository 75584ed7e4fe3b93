package io.tidemill.replication.udp;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to a peer, as far as this machine knows it. */
final class Route {
    private static final Logger LOG = LoggerFactory.getLogger(Route.class);

    private static final int UDP_HEADER_BYTES = 8;
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;

    private Route() {}

    /**
     * The longest frame that leaves this machine in one packet. Longer ones would arrive too, cut by IP, and be lost with any of
     * their pieces. What lies behind the first hop only a probe can tell.
     */
    static int frameBytesMax(InetSocketAddress peer) {
        int headerBytes =
                UDP_HEADER_BYTES + (peer.getAddress() instanceof Inet6Address ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
        // Connecting a UDP socket sends nothing, and chooses the interface.
        try (DatagramChannel channel = DatagramChannel.open()) {
            InetSocketAddress local = (InetSocketAddress) channel.connect(peer).getLocalAddress();
            NetworkInterface outgoing = NetworkInterface.getByInetAddress(local.getAddress());
            if (outgoing != null) {
                return Math.max(UdpSettings.SAFE_FRAME_BYTES, outgoing.getMTU() - headerBytes);
            }
        } catch (IOException e) {
            LOG.info("longest frame is not known, so it is the safe one: peer={}, cause={}", peer, e.toString());
        }
        return UdpSettings.SAFE_FRAME_BYTES;
    }
}
