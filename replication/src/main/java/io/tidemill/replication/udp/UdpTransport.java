package io.tidemill.replication.udp;

import io.tidemill.errors.NetworkException;
import io.tidemill.spi.Parker;
import io.tidemill.spi.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.Map;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames as UDP datagrams, one each, over one socket that never blocks. A peer is who sends from its address; what comes
 * from elsewhere is dropped. So a broker binds the address that its peers know it by.
 *
 * <p>One thread at a time, except for {@link #parker}'s wake-ups. An interrupt of that thread changes nothing here: it closes
 * channels that block only.
 */
public final class UdpTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(UdpTransport.class);

    /** So many of the longest frames have room in the receive buffer at least, or a burst would be lost. */
    private static final int BUFFERED_FRAMES_MIN = 16;

    private final int brokerId;
    private final DatagramChannel channel;
    private final SocketParker parker;
    private final int frameBytesMax;
    private final ByteBuffer sendBytes;
    private final ByteBuffer receiveBytes;
    private final UnsafeBuffer received;

    private final Int2ObjectHashMap<Peer> peersById = new Int2ObjectHashMap<>();
    private final Map<SocketAddress, Peer> peersByAddress = new HashMap<>();
    /** The channel gives the same object for the same sender as the last time. */
    private @Nullable SocketAddress lastSource;

    private @Nullable Peer lastSender;

    private static final class Peer {
        private final int id;
        private final InetSocketAddress address;
        private final int frameBytesMax;
        private boolean unreachable;

        Peer(int id, InetSocketAddress address, int frameBytesMax) {
            this.id = id;
            this.address = address;
            this.frameBytesMax = frameBytesMax;
        }
    }

    private UdpTransport(int brokerId, DatagramChannel channel, UdpSettings settings) throws IOException {
        this.brokerId = brokerId;
        this.channel = channel;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, settings.socketBufferBytes());
        channel.setOption(StandardSocketOptions.SO_RCVBUF, settings.socketBufferBytes());
        int buffered = channel.getOption(StandardSocketOptions.SO_RCVBUF) / BUFFERED_FRAMES_MIN;
        this.frameBytesMax = Math.min(settings.frameBytesMax(), Math.max(UdpSettings.SAFE_FRAME_BYTES, buffered));
        this.sendBytes = ByteBuffer.allocateDirect(frameBytesMax);
        // One byte more tells a frame that is too long from one that just fits.
        this.receiveBytes = ByteBuffer.allocateDirect(frameBytesMax + 1);
        this.received = new UnsafeBuffer(receiveBytes);
        this.parker = SocketParker.of(channel);
    }

    /**
     * Opens a socket.
     *
     * @param brokerId whose
     * @param address what it is bound to; with port 0, to one that is free
     * @param settings how it is used
     * @throws NetworkException if it cannot be bound
     */
    public static UdpTransport open(int brokerId, InetSocketAddress address, UdpSettings settings) {
        InetSocketAddress resolved = resolve(address);
        DatagramChannel channel = null;
        try {
            channel = DatagramChannel.open();
            channel.bind(resolved);
            return new UdpTransport(brokerId, channel, settings);
        } catch (IOException e) {
            CloseHelper.quietClose(channel);
            throw new NetworkException("socket cannot be opened: brokerId=" + brokerId + ", address=" + address, e);
        }
    }

    /** Where it is bound. */
    public InetSocketAddress localAddress() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw new NetworkException("socket has no address: brokerId=" + brokerId, e);
        }
    }

    /**
     * Makes a broker known, or known at another address. Its name is resolved here, which may take long, and not again.
     *
     * @throws NetworkException if it cannot be resolved
     */
    public void addPeer(int peerId, InetSocketAddress address) {
        checkOpen();
        InetSocketAddress resolved = resolve(address);
        Peer namesake = peersByAddress.get(resolved);
        if (namesake != null && namesake.id != peerId) {
            throw new IllegalArgumentException("address is another broker's: address=" + address + ", brokerId="
                    + peerId + ", otherBrokerId=" + namesake.id);
        }
        removePeer(peerId);
        Peer peer = new Peer(peerId, resolved, Math.min(frameBytesMax, Route.frameBytesMax(resolved)));
        peersById.put(peerId, peer);
        peersByAddress.put(resolved, peer);
    }

    /** Forgets a broker. */
    public void removePeer(int peerId) {
        Peer peer = peersById.remove(peerId);
        if (peer != null) {
            peersByAddress.remove(peer.address);
            lastSource = null;
            lastSender = null;
        }
    }

    private static InetSocketAddress resolve(InetSocketAddress address) {
        InetSocketAddress resolved =
                address.isUnresolved() ? new InetSocketAddress(address.getHostString(), address.getPort()) : address;
        if (resolved.isUnresolved()) {
            throw new NetworkException("host is unknown: host=" + address.getHostString(), null);
        }
        return resolved;
    }

    /** Parks the thread that polls until a frame arrives, it is unparked, or time is over. */
    public Parker parker() {
        return parker;
    }

    @Override
    public int brokerId() {
        return brokerId;
    }

    @Override
    public int frameBytesMax() {
        return frameBytesMax;
    }

    /** Also false where the way to that peer takes no frame of that length without cutting it. */
    @Override
    public boolean send(int toBrokerId, DirectBuffer buffer, int index, int length) {
        checkOpen();
        if (length <= 0 || length > frameBytesMax) {
            throw new IllegalArgumentException(
                    "length must be from 1 to frameBytesMax: length=" + length + ", frameBytesMax=" + frameBytesMax);
        }
        Peer peer = peersById.get(toBrokerId);
        if (peer == null || length > peer.frameBytesMax) {
            return false;
        }
        buffer.getBytes(index, sendBytes, 0, length);
        sendBytes.limit(length).position(0);
        try {
            boolean sent = channel.send(sendBytes, peer.address) > 0;
            peer.unreachable &= !sent;
            return sent;
        } catch (IOException e) {
            // No route, forbidden, out of memory: all of which may pass, and none of which is worth a line per frame.
            if (!peer.unreachable) {
                LOG.warn("cannot send: brokerId={}, peerId={}, address={}", brokerId, peer.id, peer.address, e);
            }
            peer.unreachable = true;
            return false;
        }
    }

    /** Foreign datagrams count as looked at, so that a flood of them ends a poll as well. */
    @Override
    public int poll(FrameHandler handler, int framesMax) {
        checkOpen();
        int frames = 0;
        for (int looked = 0; looked < framesMax; looked++) {
            SocketAddress source = receive();
            if (source == null) {
                break;
            }
            int length = receiveBytes.position();
            Peer sender = senderAt(source);
            if (sender != null && length > 0 && length <= frameBytesMax) {
                frames++;
                handler.onFrame(sender.id, received, 0, length);
            }
        }
        return frames;
    }

    private @Nullable SocketAddress receive() {
        receiveBytes.clear();
        try {
            return channel.receive(receiveBytes);
        } catch (IOException e) {
            throw new NetworkException("socket cannot receive: brokerId=" + brokerId, e);
        }
    }

    private @Nullable Peer senderAt(SocketAddress source) {
        if (source != lastSource) {
            lastSource = source;
            lastSender = peersByAddress.get(source);
        }
        return lastSender;
    }

    private void checkOpen() {
        if (!channel.isOpen()) {
            throw new IllegalStateException("transport is closed: brokerId=" + brokerId);
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(parker, channel);
    }
}
