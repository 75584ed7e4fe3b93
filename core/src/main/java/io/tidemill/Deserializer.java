package io.tidemill;

import org.agrona.DirectBuffer;

/**
 * Turns bytes into objects. Called by every thread that polls.
 *
 * @param <T> what it gives
 */
@FunctionalInterface
public interface Deserializer<T> {
    /**
     * Reads a value.
     *
     * @param source holds the bytes; valid during this call only
     * @param index where they start
     * @param length how many there are
     * @return the value
     */
    T deserialize(DirectBuffer source, int index, int length);
}
