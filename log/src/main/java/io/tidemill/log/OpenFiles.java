package io.tidemill.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of the segments that one cursor has open: so that to go to and fro between segments opens none again. A file
 * that was deleted keeps its room on the disk while it is open. Used by one thread at a time.
 */
final class OpenFiles implements AutoCloseable {
    /** Bounds the descriptors, and how much of a disk those hold who seek; a gigabyte each by default. */
    private static final int FILES_MAX = 16;

    /** The one that was used last comes last. */
    private final Map<Segment, LogFile> files = new LinkedHashMap<>(2 * FILES_MAX, 0.75f, true);

    /** Opened if it is not open. */
    LogFile of(Segment segment, SegmentedCursor.Source log) {
        LogFile open = files.get(segment);
        if (open == null) {
            closeOthers(log);
            open = segment.openFile();
            files.put(segment, open);
        }
        return open;
    }

    /** Those that are not of the log any more, and the one that was not used for the longest time if there are too many. */
    private void closeOthers(SegmentedCursor.Source log) {
        List<Segment> others = new ArrayList<>();
        for (Segment segment : files.keySet()) {
            if (log.segmentOf(segment.baseOffset()) != segment || files.size() - others.size() >= FILES_MAX) {
                others.add(segment);
            }
        }
        others.forEach(this::close);
    }

    void close(Segment segment) {
        LogFile open = files.remove(segment);
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        List.copyOf(files.keySet()).forEach(this::close);
    }
}
