package io.tidemill.log.chronicle;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the file of a segment is called: by the offset it begins with, in digits that sort. While Chronicle appends to it,
 * the name ends as Chronicle wants it.
 *
 * @param baseOffset offset of the first record that the segment will hold
 * @param ordinal tells files apart that begin with the same offset, because the log was truncated to it or compacted
 */
public record SegmentName(long baseOffset, int ordinal) {
    static final int DAY_MS = 24 * 60 * 60 * 1000;

    private static final Pattern ANY = Pattern.compile("\\d{20}\\..*");
    private static final String SUFFIX = ".segment";
    private static final String INDEX_SUFFIX = ".index";
    private static final String ACTIVE_SUFFIX = ".cq4";
    private static final String PRECREATED_SUFFIX = ".precreated";

    /** The file when nobody appends to it any more. */
    public Path sealedFile(Path directory) {
        return directory.resolve(stem() + SUFFIX);
    }

    /** The file while it is appended to. */
    public Path activeFile(Path directory) {
        return directory.resolve(stem() + ACTIVE_SUFFIX);
    }

    /** Chronicle takes a file of this name for the active one when there is none yet. It must hold zeros only. */
    public Path precreatedFile(Path directory) {
        return directory.resolve(stem() + PRECREATED_SUFFIX);
    }

    /** Lies beside the sealed file. */
    public Path indexFile(Path directory) {
        return directory.resolve(stem() + INDEX_SUFFIX);
    }

    /** Whatever files there may be of it while the log is open. */
    public List<Path> files(Path directory) {
        return List.of(indexFile(directory), precreatedFile(directory), activeFile(directory), sealedFile(directory));
    }

    /** Whether it is a file of this segment, be it set aside or not begun. */
    public boolean isFile(Path file) {
        return file.getFileName().toString().startsWith(stem() + ".");
    }

    /** Whether it is a file of some segment. */
    public static boolean isFileOfAny(Path file) {
        return ANY.matcher(file.getFileName().toString()).matches();
    }

    /** Whether it is some sealed segment. */
    public static boolean isSealedFile(Path file) {
        return isFileOfAny(file) && file.toString().endsWith(SUFFIX);
    }

    private String stem() {
        return DateTimeFormatter.ofPattern(pattern()).format(LocalDate.ofEpochDay(ordinal));
    }

    /** Chronicle makes a date of every name; so the ordinal is one, counted in days. */
    String pattern() {
        return "'" + digits() + ".'yyyyMMdd";
    }

    /** What time it has to be for Chronicle, so that it takes this segment for today's. */
    long timeMs() {
        return (long) ordinal * DAY_MS;
    }

    private String digits() {
        return "%020d".formatted(baseOffset);
    }
}
