package io.tidemill.log;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.tidemill.batch.BatchLayout;
import io.tidemill.batch.HeadersLayout;
import io.tidemill.batch.RecordFlyweight;
import io.tidemill.batch.RecordLayout;
import io.tidemill.codec.UncompressedBatch;
import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.log.DumpVisitor.Next;
import io.tidemill.log.Verification.Finding;
import io.tidemill.log.Verification.Kind;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Leads a visitor over the batches of one log, as it is when this begins. */
final class LogDumper {
    /** Ends the walk from within. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("the visitor has seen enough", null, false, false);
        }
    }

    private final LogSnapshot snapshot;
    private final long offset;
    private final DumpVisitor visitor;
    private final ReadBuffers buffers = new ReadBuffers();
    private final UncompressedBatch uncompressed;
    private final RecordFlyweight view = new RecordFlyweight();

    private LogDumper(LogSnapshot snapshot, long offset, DumpVisitor visitor) {
        this.snapshot = snapshot;
        this.offset = offset;
        this.visitor = visitor;
        this.uncompressed = new UncompressedBatch("log=" + snapshot.directory());
    }

    static void dump(LogSnapshot snapshot, long offset, DumpVisitor visitor) {
        LogDumper dumper = new LogDumper(snapshot, offset, visitor);
        try {
            for (LogSnapshot.Part part : snapshot.parts()) {
                if (part.isActive() || part.endOffset() > offset) {
                    dumper.dumpPart(part);
                }
            }
        } catch (Stopped e) {
            // as it was asked to
        } finally {
            dumper.uncompressed.close();
        }
    }

    private void dumpPart(LogSnapshot.Part part) {
        if (part.isActive() && !part.exists()) {
            return;
        }
        PositionIndex.@Nullable Entry near = near(part);
        try (LogFile file = part.open()) {
            DamageScan.scan(
                    file,
                    buffers,
                    near == null ? part.name().baseOffset() : near.baseOffset(),
                    near == null ? 0 : near.position(),
                    part.endOffset(),
                    part.endPosition(),
                    new PartVisitor(part, file));
        } catch (StorageException e) {
            // What retention took away meanwhile is not there to be shown.
            if (snapshot.stillHas(part.name())) {
                throw e;
            }
        }
    }

    /** An entry at the offset or in front of it; null where no index tells one. */
    private PositionIndex.@Nullable Entry near(LogSnapshot.Part part) {
        if (part.isActive() || offset <= part.name().baseOffset()) {
            return null;
        }
        try {
            PositionIndex index = PositionIndex.read(part.name().indexFile(part.directory()));
            return index == null ? null : index.floor(offset);
        } catch (CorruptRecordException e) {
            return null;
        }
    }

    private final class PartVisitor implements SegmentScan.Visitor {
        private final LogSnapshot.Part part;
        private final LogFile file;

        PartVisitor(LogSnapshot.Part part, LogFile file) {
            this.part = part;
            this.file = file;
        }

        @Override
        public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
            if (BatchLayout.endOffset(buffer, batchIndex) > offset) {
                DumpVisitor.Batch batch = batch(position, buffer, batchIndex, true);
                if (visit(visitor.onBatch(batch)) == Next.RECORDS) {
                    dumpRecords(batch, buffer, batchIndex);
                }
            }
        }

        @Override
        public void onDamage(long position, long nextPosition, long baseOffset, long endOffset) {
            if (endOffset <= offset) {
                return;
            }
            DumpVisitor.Batch batch = damagedBatch(position, nextPosition, baseOffset, endOffset);
            if (batch != null) {
                visit(visitor.onBatch(batch));
            } else {
                damage(position, baseOffset, endOffset, "no batch can be read here");
            }
        }

        /** Null when there is no header that can be believed. */
        private DumpVisitor.@Nullable Batch damagedBatch(
                long position, long nextPosition, long baseOffset, long endOffset) {
            try (ExcerptReader reader = new ExcerptReader(file, buffers)) {
                int header = reader.header(position, nextPosition);
                if (!reader.hasBatchHeader(position, header, nextPosition)) {
                    return null;
                }
                DumpVisitor.Batch batch = batch(position, reader.buffer(), reader.batchIndex(position), false);
                return batch.baseOffset() == baseOffset && batch.lastOffset() == endOffset - 1 ? batch : null;
            }
        }

        private DumpVisitor.Batch batch(long position, DirectBuffer buffer, int batch, boolean isWhole) {
            return new DumpVisitor.Batch(
                    part.file(),
                    position,
                    BatchLayout.baseOffset(buffer, batch),
                    BatchLayout.endOffset(buffer, batch) - 1,
                    BatchLayout.recordCount(buffer, batch),
                    BatchLayout.baseTimestamp(buffer, batch),
                    BatchLayout.maxTimestamp(buffer, batch),
                    BatchLayout.type(buffer, batch),
                    BatchLayout.flags(buffer, batch),
                    BatchLayout.codec(buffer, batch),
                    BatchLayout.encoding(buffer, batch),
                    BatchLayout.producerId(buffer, batch),
                    buffer.getShort(batch + BatchLayout.PRODUCER_EPOCH, LITTLE_ENDIAN),
                    buffer.getInt(batch + BatchLayout.BASE_SEQUENCE, LITTLE_ENDIAN),
                    buffer.getInt(batch + BatchLayout.LEADER_EPOCH, LITTLE_ENDIAN),
                    BatchLayout.frameLength(buffer, batch),
                    isWhole);
        }

        private void dumpRecords(DumpVisitor.Batch batch, DirectBuffer buffer, int batchIndex) {
            if (batch.type() != BatchLayout.TYPE_DATA || batch.encoding() != BatchLayout.ENCODING_FIXED) {
                return;
            }
            long nextOffset = batch.baseOffset();
            try {
                uncompressed.enter(buffer, batchIndex);
                view.enter(uncompressed.buffer(), uncompressed.index());
                int next = BatchLayout.HEADER_LENGTH;
                int end = BatchLayout.frameLength(uncompressed.buffer(), uncompressed.index());
                while (next < end) {
                    next = view.moveTo(next);
                    if (next == RecordFlyweight.DAMAGED) {
                        throw new CorruptRecordException("record reaches beyond itself");
                    }
                    nextOffset = view.offset();
                    if (nextOffset >= offset && visit(visitor.onRecord(entry())) == Next.BATCH) {
                        return;
                    }
                }
            } catch (CorruptRecordException e) {
                damage(batch.position(), nextOffset, batch.lastOffset() + 1, String.valueOf(e.getMessage()));
            }
        }

        private DumpVisitor.Entry entry() {
            return new DumpVisitor.Entry(
                    view.offset(),
                    view.timestamp(),
                    copy(view.keyIndex(), view.keyLength()),
                    copy(view.valueIndex(), view.valueLength()),
                    HeadersLayout.get(view.buffer(), view.headersIndex(), view.headersLength()));
        }

        private byte @Nullable [] copy(int index, int length) {
            if (length == RecordLayout.NULL_LENGTH) {
                return null;
            }
            byte[] bytes = new byte[length];
            view.buffer().getBytes(index, bytes);
            return bytes;
        }

        private void damage(long position, long baseOffset, long endOffset, String reason) {
            visitor.onDamage(new Finding(Kind.DAMAGED_BATCH, part.file(), position, baseOffset, endOffset, reason));
        }

        private Next visit(Next next) {
            if (next == Next.STOP) {
                throw new Stopped();
            }
            return next;
        }
    }
}
