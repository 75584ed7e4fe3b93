package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.Verification.Finding;
import io.tidemill.log.Verification.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every file of a directory that counts, and compares what they say of each other. Beside a writer, what
 * changes meanwhile is no damage: that writer's files are believed to be whole as far as batches follow each other.
 */
final class DirectoryVerifier {
    private final DirectoryView directory;
    private final Verification.Listener listener;
    private final ReadBuffers buffers = new ReadBuffers();
    private final List<Finding> findings = new ArrayList<>();
    private int logs;
    private int segments;
    private long batches;
    private long records;
    private long bytes;

    private DirectoryVerifier(DirectoryView directory, Verification.Listener listener) {
        this.directory = directory;
        this.listener = listener;
    }

    static Verification verify(DirectoryView directory, Verification.Listener listener) {
        DirectoryVerifier verifier = new DirectoryVerifier(directory, listener);
        verifier.verifyFile(directory.root().resolve(StoreDirectory.FORMAT_FILE), directory.format());
        for (Path state : directory.stateFiles()) {
            verifier.verifyFile(state, DirectoryStore.stateFile(state));
        }
        for (String name : directory.logNames()) {
            verifier.verifyLog(directory.log(name));
        }
        return new Verification(
                verifier.logs,
                verifier.segments,
                verifier.batches,
                verifier.records,
                verifier.bytes,
                List.copyOf(verifier.findings));
    }

    private void verifyFile(Path path, SealedFile file) {
        try {
            file.read();
        } catch (CorruptRecordException | StorageException e) {
            find(Kind.DAMAGED_FILE, path, 0, 0, 0, e.getMessage());
        }
    }

    private void verifyLog(Path log) {
        logs++;
        Path manifestFile = log.resolve(Manifest.FILE);
        LogSnapshot snapshot;
        try {
            snapshot = LogSnapshot.of(log);
        } catch (CorruptRecordException | StorageException e) {
            if (Files.exists(log)) {
                find(Kind.DAMAGED_FILE, manifestFile, 0, 0, 0, e.getMessage());
            }
            return;
        }
        if (snapshot.pointDamage() != null) {
            find(Kind.DAMAGED_FILE, log.resolve(RecoveryPoint.FILE), 0, 0, 0, snapshot.pointDamage());
        }
        long endOffset = -1;
        for (LogSnapshot.Part part : snapshot.parts()) {
            long baseOffset = part.name().baseOffset();
            if (endOffset >= 0 && baseOffset != endOffset) {
                find(
                        Kind.DAMAGED_FILE,
                        manifestFile,
                        0,
                        endOffset,
                        baseOffset,
                        "segments do not follow each other: endOffset=" + endOffset + ", baseOffset=" + baseOffset);
            }
            endOffset = part.endOffset();
            verifyPart(snapshot, part);
        }
    }

    private void verifyPart(LogSnapshot snapshot, LogSnapshot.Part part) {
        PartVisitor visitor = new PartVisitor(part, index(snapshot, part));
        try (LogFile file = part.open()) {
            if (!part.exists()) {
                verifyMissing(snapshot, part);
                return;
            }
            long countingBytes = Math.min(file.size(), part.endPosition());
            segments++;
            bytes += countingBytes;
            listener.onFile(part.file(), countingBytes);
            boolean isHeld = part.isActive() && directory.isHeld();
            SegmentScan.End end = DamageScan.scan(
                    file, buffers, part.name().baseOffset(), 0, part.endOffset(), part.endPosition(), visitor);
            if (!part.isActive()) {
                verifyIndex(part.name().indexFile(part.directory()), visitor);
            } else if (!isHeld && !directory.isHeld()) {
                // A broker that came or went meanwhile may have changed what lies behind the end.
                verifyEnds(snapshot, part, file.size(), end, visitor);
            }
        } catch (StorageException e) {
            if (snapshot.stillHas(part.name())) {
                find(
                        Kind.DAMAGED_BATCH,
                        part.file(),
                        visitor.nextPosition,
                        visitor.nextOffset,
                        Math.max(visitor.nextOffset, part.endOffset()),
                        "file cannot be read: " + e.getMessage());
            }
        }
    }

    private void verifyMissing(LogSnapshot snapshot, LogSnapshot.Part part) {
        long baseOffset = part.name().baseOffset();
        // A broker that repairs the segment right now has it under another name.
        boolean isElsewhere = part.isActive() && snapshot.active().exists();
        if (part.endOffset() > baseOffset && !isElsewhere && snapshot.stillHas(part.name()) && !part.exists()) {
            find(Kind.DAMAGED_BATCH, part.file(), 0, baseOffset, part.endOffset(), "file is missing");
        }
    }

    /** What nobody changes now: the bytes in front of the first batch, and those behind the last one. */
    private void verifyEnds(
            LogSnapshot snapshot, LogSnapshot.Part part, long size, SegmentScan.End end, PartVisitor visitor) {
        if (snapshot.point().isOf(size, end.endOffset())) {
            verifyIndex(part.directory().resolve(RecoveryPoint.FILE), visitor);
            if (!snapshot.point().hasHeadOf(part.file())) {
                long baseOffset = part.name().baseOffset();
                find(
                        Kind.DAMAGED_FILE,
                        part.file(),
                        0,
                        baseOffset,
                        baseOffset,
                        "what Chronicle keeps in front of the batches has changed since the log was closed");
            }
        }
        if (!end.isTailClean()) {
            find(
                    Kind.TORN_TAIL,
                    part.file(),
                    end.endPosition(),
                    end.endOffset(),
                    end.endOffset(),
                    "what follows the last batch is neither another one nor zeros");
        }
    }

    private void verifyIndex(Path file, PartVisitor visitor) {
        if (visitor.indexDamage != null) {
            find(Kind.DAMAGED_FILE, file, 0, visitor.indexOffset, visitor.indexOffset, visitor.indexDamage);
        }
    }

    /** Null when there is none to compare with. */
    private @Nullable PositionIndex index(LogSnapshot snapshot, LogSnapshot.Part part) {
        if (part.isActive()) {
            RecoveryPoint point = snapshot.point();
            return point.endOffset() > part.name().baseOffset() ? point.index() : null;
        }
        Path file = part.name().indexFile(part.directory());
        String reason;
        try {
            PositionIndex index = PositionIndex.read(file);
            if (index != null) {
                return index;
            }
            reason = "index is missing; it is made again whenever the segment is read";
        } catch (CorruptRecordException | StorageException e) {
            reason = e.getMessage();
        }
        if (snapshot.stillHas(part.name())) {
            find(
                    Kind.DAMAGED_FILE,
                    file,
                    0,
                    part.name().baseOffset(),
                    part.name().baseOffset(),
                    reason);
        }
        return null;
    }

    private void find(Kind kind, Path file, long position, long offset, long endOffset, @Nullable String reason) {
        Finding finding = new Finding(kind, file, position, offset, endOffset, String.valueOf(reason));
        findings.add(finding);
        listener.onFinding(finding);
    }

    /** Counts what is whole, tells what is not, and looks each batch up in the index. */
    private final class PartVisitor implements SegmentScan.Visitor {
        private final LogSnapshot.Part part;
        private final @Nullable PositionIndex index;
        /** The last entry that is known to be right, or cannot be compared. */
        private PositionIndex.@Nullable Entry known;

        private @Nullable String indexDamage;
        private long indexOffset;
        private long nextPosition;
        private long nextOffset;

        PartVisitor(LogSnapshot.Part part, @Nullable PositionIndex index) {
            this.part = part;
            this.index = index;
            this.nextOffset = part.name().baseOffset();
        }

        @Override
        public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
            batches++;
            records += BatchLayout.recordCount(buffer, batchIndex);
            compare(BatchLayout.baseOffset(buffer, batchIndex), position);
            nextPosition = position + ExcerptLayout.HEADER_LENGTH + length;
            nextOffset = BatchLayout.endOffset(buffer, batchIndex);
        }

        @Override
        public void onDamage(long position, long endPosition, long offset, long endOffset) {
            String reason = offset == endOffset
                    ? "what lies in front of this offset is damaged, no record is lost"
                    : "batch is damaged, or does not continue the log";
            find(Kind.DAMAGED_BATCH, part.file(), position, offset, endOffset, reason);
            if (index != null && offset < endOffset) {
                known = index.floor(endOffset - 1);
            }
            nextPosition = endPosition;
            nextOffset = endOffset;
        }

        private void compare(long baseOffset, long position) {
            if (index == null || indexDamage != null) {
                return;
            }
            PositionIndex.Entry entry = index.floor(baseOffset);
            if (entry.baseOffset() == baseOffset ? entry.position() != position : !entry.equals(known)) {
                indexDamage = "index does not agree with the batches: entry=" + entry + ", position=" + position;
                indexOffset = baseOffset;
            }
            known = entry;
        }
    }
}
