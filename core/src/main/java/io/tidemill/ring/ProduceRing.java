package io.tidemill.ring;

import io.tidemill.runtime.Wakeup;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Runs of records on their way from many producers to one lane: claim, encode in place, commit. A message is a run of
 * whole records in encoding 0, its type names the partition, and beside each message stands who wants to know what
 * became of it.
 *
 * <p>That sink needs no queue of its own. A claim owns its range of the ring until the lane has read it, every message
 * is at least {@value #SLOT_BYTES} bytes long, so {@code index / SLOT_BYTES} is a slot that no other live message has.
 * The slot is written before the commit and read behind it, which orders the two.
 *
 * <p>Records too large for a message travel beside the ring: the message stands for them and keeps their place in the
 * order, its slot refers to them.
 */
public final class ProduceRing {
    /** Nothing was claimed: the ring is full for the moment. */
    public static final int BACK_PRESSURED = -1;
    /** Nothing was claimed: the ring takes no more. */
    public static final int CLOSED = -2;

    /** Bodies are at least 24 bytes ({@link #REFERENCE_BYTES}), and a message's header takes 8. */
    private static final int SLOT_BYTES = 32;

    private static final int REFERENCE_BYTES = 24;

    /** What the lane reads. */
    @FunctionalInterface
    public interface RunHandler {
        void onRun(int partitionSlot, DirectBuffer buffer, int index, int length, @Nullable RunSink sink);
    }

    /** A run that did not fit into a message. */
    private record RunByReference(
            DirectBuffer records, @Nullable RunSink sink) {}

    private final Wakeup laneThread;
    private final ManyToOneRingBuffer ring;
    private final @Nullable Object[] slots;
    private final MessageHandler messageHandler = this::onMessage;
    private volatile boolean closed;
    /** Owned by the lane thread. */
    private RunHandler handler = (partitionSlot, buffer, index, length, sink) -> {};

    public ProduceRing(int capacityBytes, Wakeup laneThread) {
        this.laneThread = laneThread;
        ring = new ManyToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(capacityBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        slots = new Object[capacityBytes / SLOT_BYTES];
    }

    /** The longest run that can be claimed; longer ones go by {@link #claimReference}. */
    public int runBytesMax() {
        return ring.maxMsgLength();
    }

    /** Where claims are encoded. */
    public MutableDirectBuffer buffer() {
        return ring.buffer();
    }

    /**
     * Claims room for a run. Any thread; must be followed by {@link #commit} or {@link #abort} soon, because the lane
     * waits for it.
     *
     * @return where in {@link #buffer} to encode, or one of the negative codes
     */
    public int claim(int partitionSlot, int runLength, @Nullable RunSink sink) {
        return claimFor(partitionSlot, runLength, sink);
    }

    private int claimFor(int partitionSlot, int length, @Nullable Object slot) {
        if (closed) {
            return CLOSED;
        }
        int index = ring.tryClaim(partitionSlot + 1, length);
        if (index < 0) {
            return BACK_PRESSURED;
        }
        // Either this thread sees the ring closed, or who closes sees the claim and waits for it: never neither.
        if (closed) {
            ring.abort(index);
            return CLOSED;
        }
        // A raw producer's sink often stands there from the last round: then the line stays shared by both cores.
        if (slots[index / SLOT_BYTES] != slot) {
            slots[index / SLOT_BYTES] = slot;
        }
        return index;
    }

    /** Hands the claim over to the lane. */
    public void commit(int index) {
        ring.commit(index);
        laneThread.signal();
    }

    /** Gives the claim back. */
    public void abort(int index) {
        slots[index / SLOT_BYTES] = null;
        ring.abort(index);
    }

    /**
     * Claims the place of a run of any length, which nobody changes from now on. There is nothing to encode; otherwise as
     * {@link #claim}.
     */
    public int claimReference(int partitionSlot, DirectBuffer records, @Nullable RunSink sink) {
        return claimFor(partitionSlot, REFERENCE_BYTES, new RunByReference(records, sink));
    }

    /** Reads what is committed, up to {@code messagesMax} messages, and then frees their room. Lane thread. */
    public int drain(RunHandler handler, int messagesMax) {
        this.handler = handler;
        return ring.read(messageHandler, messagesMax);
    }

    private void onMessage(int messageType, DirectBuffer buffer, int index, int length) {
        Object slot = slots[index / SLOT_BYTES];
        if (slot instanceof RunByReference run) {
            slots[index / SLOT_BYTES] = null;
            handler.onRun(messageType - 1, run.records(), 0, run.records().capacity(), run.sink());
        } else {
            RunSink sink = (RunSink) slot;
            if (sink != null && sink.isForOneRun()) {
                slots[index / SLOT_BYTES] = null;
            }
            handler.onRun(messageType - 1, buffer, index, length, sink);
        }
    }

    /** Wakes the thread that drains, though nothing was committed. Any thread. */
    public void signal() {
        laneThread.signal();
    }

    /** From now on claims answer {@link #CLOSED}; what was claimed before still has to be drained. */
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    public int capacityBytes() {
        return ring.capacity();
    }

    /** What was claimed and is not yet read. Any thread. */
    public int usedBytes() {
        return ring.size();
    }

    /** Where the next claim will lie, counted from the first. Any thread. */
    public long claimedPosition() {
        return ring.producerPosition();
    }

    /** Up to there everything was read. Any thread. */
    public long readPosition() {
        return ring.consumerPosition();
    }

    public boolean isEmpty() {
        return claimedPosition() == readPosition();
    }

    /**
     * Gives up on a claim whose thread neither committed nor aborted it, so that what lies behind it can be read.
     *
     * @return whether there was one
     */
    public boolean unblock() {
        return ring.unblock();
    }
}
