package io.tidemill.testkit;

import java.time.Duration;

/**
 * How bad a {@link SimNetwork} is.
 *
 * @param loss how likely a frame is to be lost, from 0 to 1
 * @param duplication how likely a frame that is not lost is to come twice, from 0 to 1
 * @param delayMin how long a frame is on its way at least
 * @param delayMax and at most; frames overtake each other where this is more than the least
 * @param frameBytesMax the longest frame that is carried
 * @param queueFramesMax how many frames can be on their way to one receiver; more are lost
 */
public record SimNetworkSettings(
        double loss, double duplication, Duration delayMin, Duration delayMax, int frameBytesMax, int queueFramesMax) {
    private static final int DEFAULT_FRAME_BYTES_MAX = 8 * 1024;
    private static final int DEFAULT_QUEUE_FRAMES_MAX = 4 * 1024;

    /** Validates. */
    public SimNetworkSettings {
        checkProbability("loss", loss);
        checkProbability("duplication", duplication);
        if (delayMin.isNegative() || delayMin.compareTo(delayMax) > 0) {
            throw new IllegalArgumentException(
                    "delays must be 0 <= delayMin <= delayMax: delayMin=" + delayMin + ", delayMax=" + delayMax);
        }
        if (frameBytesMax <= 0 || queueFramesMax <= 0) {
            throw new IllegalArgumentException(
                    "limits must be positive: frameBytesMax=" + frameBytesMax + ", queueFramesMax=" + queueFramesMax);
        }
    }

    /**
     * A network that loses nothing and takes no time.
     *
     * @return the settings to start from
     */
    public static SimNetworkSettings perfect() {
        return new SimNetworkSettings(
                0, 0, Duration.ZERO, Duration.ZERO, DEFAULT_FRAME_BYTES_MAX, DEFAULT_QUEUE_FRAMES_MAX);
    }

    /**
     * The same with loss.
     *
     * @param probability from 0 to 1
     * @return a copy
     */
    public SimNetworkSettings withLoss(double probability) {
        return new SimNetworkSettings(probability, duplication, delayMin, delayMax, frameBytesMax, queueFramesMax);
    }

    /**
     * The same with duplication.
     *
     * @param probability from 0 to 1
     * @return a copy
     */
    public SimNetworkSettings withDuplication(double probability) {
        return new SimNetworkSettings(loss, probability, delayMin, delayMax, frameBytesMax, queueFramesMax);
    }

    /**
     * The same with delay.
     *
     * @param min at least
     * @param max at most
     * @return a copy
     */
    public SimNetworkSettings withDelay(Duration min, Duration max) {
        return new SimNetworkSettings(loss, duplication, min, max, frameBytesMax, queueFramesMax);
    }

    /**
     * The same with other limits.
     *
     * @param frameBytes the longest frame
     * @param queueFrames the longest queue
     * @return a copy
     */
    public SimNetworkSettings withLimits(int frameBytes, int queueFrames) {
        return new SimNetworkSettings(loss, duplication, delayMin, delayMax, frameBytes, queueFrames);
    }

    private static void checkProbability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be from 0 to 1: " + name + "=" + value);
        }
    }
}
