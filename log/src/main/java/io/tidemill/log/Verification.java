package io.tidemill.log;

import java.nio.file.Path;
import java.util.List;

/**
 * What was found by looking at every byte of a directory that counts.
 *
 * @param logs how many logs there are: one for each partition
 * @param segments how many files hold their batches
 * @param batches how many batches are whole
 * @param records how many records those hold
 * @param bytes how long those files are, as far as they count
 * @param findings all that is not as it should be, in the order in which it was found
 */
public record Verification(int logs, int segments, long batches, long records, long bytes, List<Finding> findings) {
    /** What a finding means. */
    public enum Kind {
        /** Batches were completed once and cannot be read any more: reading them throws. */
        DAMAGED_BATCH,
        /** A file beside the batches is missing, or not what was written. */
        DAMAGED_FILE,
        /**
         * Bytes behind the end of a log that was not closed. Nothing acknowledged is lost with them, unless the machine
         * failed and they were not flushed; the next broker cuts them off.
         */
        TORN_TAIL
    }

    /**
     * One thing that is not as it should be.
     *
     * @param kind what it means
     * @param file where it was found
     * @param position at which byte of the file it begins
     * @param offset of the first record that is concerned
     * @param endOffset exclusive; equal to {@code offset} when no record is
     * @param reason what was expected
     */
    public record Finding(Kind kind, Path file, long position, long offset, long endOffset, String reason) {}

    /** Is told how far it is, on the thread that verifies. */
    public interface Listener {
        /**
         * A file is looked at next.
         *
         * @param file may have been given another name when this is called
         * @param bytes how much of it counts
         */
        default void onFile(Path file, long bytes) {}

        /**
         * Something is not as it should be.
         *
         * @param finding will be in the result too
         */
        default void onFinding(Finding finding) {}
    }

    /**
     * Whether everything is there and as it was written. A torn tail does not change that.
     *
     * @return true when no finding is about damage
     */
    public boolean isSound() {
        return findings.stream().allMatch(finding -> finding.kind() == Kind.TORN_TAIL);
    }
}
