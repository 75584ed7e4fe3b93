package io.tidemill.lane;

import io.tidemill.runtime.Wakeup;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * Answered sends on their way from one lane to the thread that completes their futures, so that no code of the user
 * ever runs on a lane.
 */
public final class DeliveryQueue {
    /**
     * How far futures may lag behind the log. Then the lane waits, the ring fills, and whoever produces is held up:
     * slow callbacks slow down the sending, and fill no memory.
     */
    static final int CAPACITY = 64 * 1024;

    /** A future that is ready to be completed. */
    public interface Delivery {
        /** On the delivery thread. */
        void deliver();
    }

    private final OneToOneConcurrentArrayQueue<Delivery> queue = new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private final Wakeup laneThread;
    private final Wakeup deliveryThread;

    public DeliveryQueue(Wakeup laneThread, Wakeup deliveryThread) {
        this.laneThread = laneThread;
        this.deliveryThread = deliveryThread;
    }

    boolean hasRoomFor(int deliveries) {
        return queue.remainingCapacity() >= deliveries;
    }

    /** Lane thread, after {@link #hasRoomFor}. */
    public void add(Delivery delivery) {
        if (!queue.offer(delivery)) {
            // Only a lane that is being stopped adds without having asked: better on its thread than never.
            delivery.deliver();
        }
    }

    /** Lane thread, after some {@link #add}. */
    void signal() {
        deliveryThread.signal();
    }

    /** Delivery thread. */
    int drain(int limit) {
        int count = 0;
        while (count < limit) {
            Delivery delivery = queue.poll();
            if (delivery == null) {
                break;
            }
            delivery.deliver();
            count++;
        }
        if (count > 0) {
            // It may have gone to sleep because there was no room.
            laneThread.signal();
        }
        return count;
    }
}
