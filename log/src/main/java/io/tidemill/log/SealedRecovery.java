package io.tidemill.log;

import static java.nio.file.StandardOpenOption.READ;

import io.tidemill.log.chronicle.SegmentName;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * After a crash of the machine, finds out what is left of the segments that were sealed and not yet forced. The log ends in
 * front of the first batch that is lost: what was forced behind it would come after a hole.
 */
final class SealedRecovery implements SegmentScan.Visitor {
    private static final Logger LOG = LoggerFactory.getLogger(SealedRecovery.class);

    private long endPosition;
    private Segment.@Nullable Boundary damage;

    private SealedRecovery() {}

    /** The manifest that holds from now on, as it is written: all that it names is there, and forced. */
    static Manifest recover(Path directory, Manifest manifest) {
        Manifest next = manifest;
        for (Manifest.Sealed segment : manifest.unforced()) {
            Segment.Boundary end = new SealedRecovery().endOf(directory, segment);
            if (end.offset() < segment.endOffset()) {
                LOG.warn(
                        "log lost its end in a crash of the machine: directory={}, endOffset={}, sealedUpTo={}",
                        directory,
                        end.offset(),
                        segment.endOffset());
                SegmentName active = new SegmentName(end.offset(), manifest.lastOrdinal() + 1);
                next = manifest.withEnd(segment.name(), end, segment.maxTimestamp(), true, active);
                break;
            }
        }
        RecoveryPoint.delete(directory);
        next = next.withAllForced();
        next.write(directory);
        return next;
    }

    private Segment.Boundary endOf(Path directory, Manifest.Sealed segment) {
        // A segment may have been sealed without having got its name.
        Path sealed = segment.name().sealedFile(directory);
        Path path = Files.exists(sealed) ? sealed : segment.name().activeFile(directory);
        if (!Files.exists(path)) {
            return new Segment.Boundary(segment.name().baseOffset(), 0);
        }
        try (LogFile file = new LogFile(path, READ)) {
            SegmentScan.End end = SegmentScan.scan(
                    file, new ReadBuffers(), segment.name().baseOffset(), 0, 0, segment.endPosition(), this);
            // What is there may be in the memory of this machine only.
            file.force();
            return damage == null ? new Segment.Boundary(end.endOffset(), endPosition) : damage;
        }
    }

    @Override
    public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
        endPosition = position + ExcerptLayout.HEADER_LENGTH + length;
    }

    @Override
    public void onDamage(long position, long nextPosition, long offset, long nextOffset) {
        if (damage == null && offset < nextOffset) {
            damage = new Segment.Boundary(offset, position);
        }
    }
}
