package io.tidemill.log;

/**
 * How excerpts lie in a segment's file, as Chronicle writes them and we read them: one behind the other, each on a
 * multiple of 4, little-endian.
 *
 * <pre>
 *   0                                   4
 *   +---+---+---------------------------+----------------
 *   | N | M |  length of the body       |  body ...
 *   +---+---+---------------------------+----------------
 *    31  30   29                     0
 * </pre>
 *
 * <p>N: not complete. M: metadata, which is Chronicle's own: the file's header at 0, and index pages anywhere. A body
 * without M is one batch. A header of zero is where the next excerpt will be.
 */
final class ExcerptLayout {
    static final int HEADER_LENGTH = Integer.BYTES;
    static final int ALIGNMENT = Integer.BYTES;
    static final int EMPTY = 0;

    private static final int NOT_COMPLETE = 0x8000_0000;
    private static final int METADATA = 0x4000_0000;
    private static final int LENGTH_MASK = 0x3fff_ffff;

    private ExcerptLayout() {}

    static boolean isBatch(int header) {
        return header != EMPTY && (header & (NOT_COMPLETE | METADATA)) == 0;
    }

    static boolean isMetadata(int header) {
        return (header & (NOT_COMPLETE | METADATA)) == METADATA;
    }

    static int length(int header) {
        return header & LENGTH_MASK;
    }

    /** Where the excerpt behind this one begins. */
    static long next(long position, int header) {
        return (position + HEADER_LENGTH + length(header) + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
