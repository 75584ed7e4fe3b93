package io.tidemill.samples;

import io.tidemill.Serde;

/**
 * What a vehicle measured.
 *
 * @param sequence counts the readings of one vehicle, from 0
 * @param speedKmh how fast it went
 * @param engineCelsius how hot the engine was
 */
record Reading(long sequence, int speedKmh, int engineCelsius) {
    private static final int SPEED = Long.BYTES;
    private static final int ENGINE = SPEED + Integer.BYTES;
    private static final int LENGTH = ENGINE + Integer.BYTES;

    /** As 16 bytes. */
    static final Serde<Reading> SERDE = new Serde<>(
            (reading, target, index) -> {
                target.putLong(index, reading.sequence);
                target.putInt(index + SPEED, reading.speedKmh);
                target.putInt(index + ENGINE, reading.engineCelsius);
                return LENGTH;
            },
            (source, index, length) ->
                    new Reading(source.getLong(index), source.getInt(index + SPEED), source.getInt(index + ENGINE)));
}
