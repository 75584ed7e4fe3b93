package io.tidemill.log;

import io.tidemill.compaction.CompactedLog;
import io.tidemill.compaction.SealedRun;
import io.tidemill.errors.StorageException;
import io.tidemill.errors.TidemillException;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.LogCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over the sealed segments of a log. A new segment is written in a directory beside them, because what Chronicle
 * keeps in theirs belongs to the writer; it is complete, forced, and has its name among them before the manifest names it,
 * and only then the old ones are deleted. So a crash leaves what was before or what is after, and files that nobody names.
 *
 * <p>Owned by the thread that compacts.
 */
final class SegmentCompaction implements CompactedLog {
    private static final String DIRECTORY = "compaction";
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCompaction.class);

    private final SegmentedLog log;
    private final Segments segments;
    private final Path directory;
    private final Path workDirectory;
    private final ReadBuffers buffers;
    private final int truncationsBefore;

    SegmentCompaction(SegmentedLog log, Segments segments, Path directory, ReadBuffers buffers) {
        this.log = log;
        this.segments = segments;
        this.directory = directory;
        this.workDirectory = directory.resolve(DIRECTORY);
        this.buffers = buffers;
        this.truncationsBefore = segments.truncations();
    }

    /** Of a pass that ended with its process. */
    static void deleteLeftovers(Path directory) throws IOException {
        Path workDirectory = directory.resolve(DIRECTORY);
        if (Files.exists(workDirectory)) {
            Directories.delete(workDirectory);
        }
    }

    @Override
    public List<SealedRun> sealedRuns() {
        return segments.manifest().sealed().stream().map(Manifest.Sealed::run).toList();
    }

    @Override
    public long compactedOffset() {
        return segments.manifest().compactedOffset();
    }

    @Override
    public LogCursor newCursor() {
        return new SegmentedCursor(log, buffers);
    }

    @Override
    public Rewrite rewrite(long baseOffset) {
        try {
            deleteLeftovers(directory);
            Directories.create(workDirectory);
        } catch (IOException e) {
            throw new StorageException("cannot compact: directory=" + workDirectory + ", reason=" + e, e);
        }
        return new SegmentRewrite(segments.newName(baseOffset));
    }

    @Override
    public void compactedUpTo(long offset) {
        segments.compactedUpTo(offset, truncationsBefore);
    }

    private final class SegmentRewrite implements Rewrite {
        private final SegmentName name;
        private final SegmentWriter writer;
        private final PositionIndex index = new PositionIndex();
        private boolean isMovedIn;
        private boolean hasReplaced;

        SegmentRewrite(SegmentName name) {
            this.name = name;
            this.writer = new SegmentWriter(workDirectory, name, 0);
        }

        @Override
        public void append(DirectBuffer buffer, int batchIndex, int length) {
            index.onBatch(buffer, batchIndex, writer.append(buffer, batchIndex, length));
        }

        @Override
        public long bytes() {
            return writer.endPosition();
        }

        @Override
        public boolean replaceRuns(long endOffset, long deleteHorizonMs) {
            long endPosition = writer.endPosition();
            writer.trim();
            writer.force();
            writer.close();
            index.write(name.indexFile(workDirectory));
            moveIn();
            hasReplaced = segments.replace(
                    new Manifest.Sealed(name, endOffset, endPosition, index.maxTimestamp(), deleteHorizonMs, true),
                    truncationsBefore);
            return hasReplaced;
        }

        private void moveIn() {
            isMovedIn = true;
            try {
                Files.move(name.indexFile(workDirectory), name.indexFile(directory), StandardCopyOption.ATOMIC_MOVE);
                Files.move(name.activeFile(workDirectory), name.sealedFile(directory), StandardCopyOption.ATOMIC_MOVE);
                Directories.sync(directory);
            } catch (IOException e) {
                throw new StorageException("cannot move segment: directory=" + workDirectory + ", reason=" + e, e);
            }
        }

        @Override
        public void close() {
            try {
                writer.close();
            } finally {
                if (isMovedIn && !hasReplaced && !isNamed()) {
                    segments.deleteFiles(name);
                }
                deleteWorkDirectory();
            }
        }

        /** A manifest that could not be replaced for good may be there all the same. */
        private boolean isNamed() {
            try {
                return Manifest.read(directory).sealed().stream()
                        .anyMatch(segment -> segment.name().equals(name));
            } catch (TidemillException e) {
                return true;
            }
        }

        private void deleteWorkDirectory() {
            try {
                deleteLeftovers(directory);
            } catch (IOException e) {
                LOG.warn("files are deleted by the next pass: directory={}, reason={}", workDirectory, e.toString());
            }
        }
    }
}
