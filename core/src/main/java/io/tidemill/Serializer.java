package io.tidemill;

import org.agrona.MutableDirectBuffer;

/**
 * Turns objects into bytes. Called by every thread that sends.
 *
 * @param <T> what it takes
 */
@FunctionalInterface
public interface Serializer<T> {
    /**
     * Writes a value.
     *
     * @param value never null: a null key or value has no bytes
     * @param target grows when it is written behind its end
     * @param index where to start
     * @return how many bytes were written
     */
    int serialize(T value, MutableDirectBuffer target, int index);
}
