package io.tidemill.groups;

/**
 * How far a partition is read.
 *
 * @param offset of the next record to read
 * @param metadata whatever its reader wants to know again; may be empty
 */
public record OffsetAndMetadata(long offset, String metadata) {
    private static final int METADATA_LENGTH_MAX = 4096;

    /** Validates. */
    public OffsetAndMetadata {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must not be negative: offset=" + offset);
        }
        if (metadata.length() > METADATA_LENGTH_MAX) {
            throw new IllegalArgumentException("metadata must not have more than " + METADATA_LENGTH_MAX
                    + " characters: length=" + metadata.length());
        }
    }

    /**
     * Without metadata.
     *
     * @param offset as in the record
     */
    public OffsetAndMetadata(long offset) {
        this(offset, "");
    }
}
