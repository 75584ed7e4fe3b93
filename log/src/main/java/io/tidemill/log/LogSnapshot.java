package io.tidemill.log;

import static java.nio.file.StandardOpenOption.READ;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.log.chronicle.SegmentName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a log count at one moment, and how much of each, as somebody reads it from the directory who is not the
 * log's writer.
 *
 * @param pointDamage why there is no recovery point; null when there is one, or never was
 */
record LogSnapshot(
        Path directory,
        Manifest manifest,
        RecoveryPoint point,
        @Nullable String pointDamage) {
    /**
     * One file.
     *
     * @param file what it was called when somebody last looked
     * @param endOffset the batches below it must be there
     * @param endPosition what lies behind it does not count
     */
    record Part(Path directory, SegmentName name, Path file, boolean isActive, long endOffset, long endPosition) {
        /** The writer may give it its other name meanwhile. */
        LogFile open() {
            return LogFile.renamed(file, name.sealedFile(directory), READ);
        }

        boolean exists() {
            return Files.exists(file) || Files.exists(name.sealedFile(directory));
        }
    }

    /**
     * Reads what the log says of itself.
     *
     * @throws CorruptRecordException when that is damaged
     */
    static LogSnapshot of(Path directory) {
        Manifest manifest = Manifest.read(directory);
        while (true) {
            RecoveryPoint point = RecoveryPoint.NONE;
            String pointDamage = null;
            try {
                point = RecoveryPoint.readWhole(directory);
            } catch (CorruptRecordException e) {
                pointDamage = e.getMessage();
            }
            // The point of one active segment says nothing of another. No two of them ever have the same name.
            Manifest later = Manifest.read(directory);
            if (later.active().equals(manifest.active())) {
                return new LogSnapshot(directory, later, point, pointDamage);
            }
            manifest = later;
        }
    }

    /** In the order of their offsets; the last one is active, and may not exist. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        for (Manifest.Sealed segment : manifest.sealed()) {
            parts.add(part(segment));
        }
        parts.add(active());
        return parts;
    }

    private Part part(Manifest.Sealed segment) {
        SegmentName name = segment.name();
        Path sealedFile = name.sealedFile(directory);
        Path file = Files.exists(sealedFile) ? sealedFile : name.activeFile(directory);
        return new Part(directory, name, file, false, segment.endOffset(), segment.endPosition());
    }

    Part active() {
        SegmentName name = manifest.active();
        Path bad = Recovery.badFile(directory, name);
        Path file = Files.exists(bad) ? bad : name.activeFile(directory);
        return new Part(directory, name, file, true, Math.max(point.endOffset(), name.baseOffset()), Long.MAX_VALUE);
    }

    /** Whether the log still counts on a segment, or has forgotten it since. */
    boolean stillHas(SegmentName name) {
        if (!Files.exists(directory)) {
            return false;
        }
        Manifest now = Manifest.read(directory);
        return now.active().equals(name)
                || now.sealed().stream().anyMatch(segment -> segment.name().equals(name));
    }
}
