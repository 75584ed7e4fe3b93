package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.compaction.SealedRun;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The truth about which segments a log has, and how much of each counts. Replaced as a whole when that changes. A log
 * without a manifest has one segment, from offset 0 on.
 *
 * <pre>
 *   0                               8              12              16
 *   +-------------------------------+---------------+---------------+
 *   |      active, baseOffset       |    ordinal    | sealed, count |
 *   +-------------------------------+---------------+---------------+
 *   |        compactedOffset        |
 *   +-------------------------------+
 *   for each that is sealed, in the order of their offsets:
 *   +-------------------------------+---------------+---------------+
 *   |          baseOffset           |    ordinal    |   unforced    |
 *   +-------------------------------+---------------+---------------+
 *   |           endOffset           |          endPosition          |
 *   +-------------------------------+-------------------------------+
 *   |         maxTimestamp          |        deleteHorizonMs        |
 *   +-------------------------------+-------------------------------+
 * </pre>
 *
 * @param sealed the segments that nobody appends to any more, each beginning where the one before ends
 * @param active the segment that is appended to, beginning where the last sealed one ends
 * @param compactedOffset below it no key has two records
 */
record Manifest(List<Sealed> sealed, SegmentName active, long compactedOffset) {
    static final String FILE = "manifest";

    private static final String MAGIC = "TMMANIFE";
    private static final int VERSION = 1;
    private static final int HEADER_LENGTH = 24;
    private static final int SEALED_LENGTH = 48;

    /**
     * @param endPosition where the last batch that counts ends
     * @param maxTimestamp of the newest record, or of one that was forgotten since
     * @param deleteHorizonMs from when on the first of its tombstones may go
     * @param isForced whether it is known to survive a crash of the machine; if not, 1 stands for that in the file
     */
    record Sealed(
            SegmentName name,
            long endOffset,
            long endPosition,
            long maxTimestamp,
            long deleteHorizonMs,
            boolean isForced) {
        Sealed forced() {
            return isForced ? this : new Sealed(name, endOffset, endPosition, maxTimestamp, deleteHorizonMs, true);
        }

        SealedRun run() {
            return new SealedRun(name.baseOffset(), endOffset, endPosition, maxTimestamp, deleteHorizonMs);
        }
    }

    static Manifest read(Path directory) {
        byte[] content = file(directory).read();
        if (content == null) {
            requireNothingSealed(directory);
            return new Manifest(List.of(), new SegmentName(0, 0), 0);
        }
        ByteBuffer buffer = ByteBuffer.wrap(content).order(LITTLE_ENDIAN);
        if (content.length < HEADER_LENGTH) {
            throw corrupt(directory, content.length);
        }
        SegmentName active = new SegmentName(buffer.getLong(), buffer.getInt());
        int count = buffer.getInt();
        long compactedOffset = buffer.getLong();
        if (content.length != HEADER_LENGTH + (long) count * SEALED_LENGTH) {
            throw corrupt(directory, content.length);
        }
        List<Sealed> sealed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SegmentName name = new SegmentName(buffer.getLong(), buffer.getInt());
            boolean isForced = buffer.getInt() == 0;
            sealed.add(
                    new Sealed(name, buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong(), isForced));
        }
        return new Manifest(List.copyOf(sealed), active, compactedOffset);
    }

    /** A segment is sealed by the manifest, so one without the other was lost. */
    private static void requireNothingSealed(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            if (files.anyMatch(SegmentName::isSealedFile)) {
                throw new CorruptRecordException(
                        "manifest is missing, and there are sealed segments: directory=" + directory);
            }
        } catch (IOException e) {
            throw new StorageException("cannot list files: directory=" + directory + ", reason=" + e, e);
        }
    }

    /**
     * Of the same log after a segment ended there, and with it the log; the next one begins.
     *
     * @param activeMaxTimestamp of the newest record of the active segment
     * @param isActiveForced whether that is known to survive a crash of the machine, up to there
     * @param next the segment that begins
     */
    Manifest withEnd(
            SegmentName segment,
            Segment.Boundary end,
            long activeMaxTimestamp,
            boolean isActiveForced,
            SegmentName next) {
        List<Sealed> kept = new ArrayList<>();
        long maxTimestamp = activeMaxTimestamp;
        long deleteHorizonMs = BatchLayout.NO_DELETE_HORIZON;
        boolean isForced = isActiveForced;
        for (Sealed other : sealed) {
            if (other.name().baseOffset() < segment.baseOffset()) {
                kept.add(other);
            } else if (other.name().equals(segment)) {
                maxTimestamp = other.maxTimestamp();
                deleteHorizonMs = other.deleteHorizonMs();
                isForced = other.isForced();
            }
        }
        if (end.offset() > segment.baseOffset()) {
            kept.add(new Sealed(segment, end.offset(), end.position(), maxTimestamp, deleteHorizonMs, isForced));
        }
        return new Manifest(List.copyOf(kept), next, Math.min(compactedOffset, end.offset()));
    }

    /** The greatest that a segment has. */
    int lastOrdinal() {
        int last = active.ordinal();
        for (Sealed segment : sealed) {
            last = Math.max(last, segment.name().ordinal());
        }
        return last;
    }

    /** Of the same log with one segment in the place of those that lie between its ends; null when those are others now. */
    @Nullable
    Manifest withReplaced(Sealed replacement) {
        List<Sealed> all = new ArrayList<>();
        boolean beginsThere = false;
        boolean endsThere = false;
        for (Sealed segment : sealed) {
            beginsThere |= segment.name().baseOffset() == replacement.name().baseOffset();
            endsThere |= segment.endOffset() == replacement.endOffset();
            if (segment.endOffset() == replacement.endOffset()) {
                all.add(replacement);
            } else if (!replacement.run().covers(segment.run())) {
                all.add(segment);
            }
        }
        return beginsThere && endsThere ? new Manifest(List.copyOf(all), active, compactedOffset) : null;
    }

    /** Of the same log after a pass of compaction. */
    Manifest withCompacted(long offset) {
        return new Manifest(sealed, active, offset);
    }

    /** Those of which it is not known that they survive a crash of the machine. */
    List<Sealed> unforced() {
        return sealed.stream().filter(segment -> !segment.isForced()).toList();
    }

    /** Of the same log, all of whose sealed segments survive a crash of the machine. */
    Manifest withAllForced() {
        return withForced(sealed);
    }

    /** Of the same log, some of whose sealed segments survive a crash of the machine; others of them may be gone. */
    Manifest withForced(List<Sealed> forced) {
        Set<SegmentName> names = forced.stream().map(Sealed::name).collect(Collectors.toSet());
        List<Sealed> all = sealed.stream()
                .map(segment -> names.contains(segment.name()) ? segment.forced() : segment)
                .toList();
        return new Manifest(all, active, compactedOffset);
    }

    /** What all that are sealed take. */
    long sealedBytes() {
        long bytes = 0;
        for (Sealed segment : sealed) {
            bytes += segment.endPosition();
        }
        return bytes;
    }

    /** The last one that was sealed, if any. */
    List<Sealed> newestSealed() {
        return sealed.subList(Math.max(0, sealed.size() - 1), sealed.size());
    }

    /** Of the same log after it forgot its oldest segments. */
    Manifest withoutOldest(int count) {
        return new Manifest(List.copyOf(sealed.subList(count, sealed.size())), active, compactedOffset);
    }

    /** Files of segments that do not belong to the log: a crash, or a disk that refused, kept them from being deleted. */
    List<Path> leftovers(Path directory) throws IOException {
        Set<Path> own = new HashSet<>();
        for (Sealed segment : sealed) {
            own.add(segment.name().sealedFile(directory));
            own.add(segment.name().activeFile(directory));
            own.add(segment.name().indexFile(directory));
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(SegmentName::isFileOfAny)
                    .filter(file -> !own.contains(file) && !active.isFile(file))
                    .toList();
        }
    }

    void write(Path directory) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_LENGTH + sealed.size() * SEALED_LENGTH)
                .order(LITTLE_ENDIAN);
        put(buffer, active).putInt(sealed.size()).putLong(compactedOffset);
        for (Sealed segment : sealed) {
            put(buffer, segment.name())
                    .putInt(segment.isForced() ? 0 : 1)
                    .putLong(segment.endOffset())
                    .putLong(segment.endPosition())
                    .putLong(segment.maxTimestamp())
                    .putLong(segment.deleteHorizonMs());
        }
        file(directory).write(buffer.array(), directory.resolve(FILE + ".tmp"));
    }

    private static ByteBuffer put(ByteBuffer buffer, SegmentName name) {
        return buffer.putLong(name.baseOffset()).putInt(name.ordinal());
    }

    private static SealedFile file(Path directory) {
        return new SealedFile(directory.resolve(FILE), MAGIC, VERSION);
    }

    private static CorruptRecordException corrupt(Path directory, int length) {
        return new CorruptRecordException(
                "manifest is not as long as it says: file=" + directory.resolve(FILE) + ", bytes=" + length);
    }
}
