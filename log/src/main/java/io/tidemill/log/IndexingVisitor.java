package io.tidemill.log;

import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the index of a segment while it is read. */
final class IndexingVisitor implements SegmentScan.Visitor {
    private static final Logger LOG = LoggerFactory.getLogger(IndexingVisitor.class);

    private final Path file;
    private final PositionIndex index;

    IndexingVisitor(Path file) {
        this(file, new PositionIndex());
    }

    /** Goes on with an index that ends in front of what is read, or within it. */
    IndexingVisitor(Path file, PositionIndex index) {
        this.file = file;
        this.index = index;
    }

    PositionIndex index() {
        return index;
    }

    @Override
    public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
        index.onBatch(buffer, batchIndex, position);
    }

    @Override
    public void onDamage(long position, long nextPosition, long offset, long nextOffset) {
        LOG.warn("log is damaged: file={}, position={}, offset={}", file, position, offset);
    }
}
