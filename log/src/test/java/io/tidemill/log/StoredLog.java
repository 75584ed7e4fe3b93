package io.tidemill.log;

import io.tidemill.batch.BatchLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log's directory, taken into memory so that it can be written down again with other bytes.
 *
 * @param bytes of the segment, up to some way behind the last batch
 * @param size of the segment; the rest is zeros
 * @param recoveryPoint of the log, or null
 * @param positions of the excerpts that hold the batches
 */
record StoredLog(
        List<byte[]> batches, byte[] bytes, long size, byte[] recoveryPoint, byte[] format, List<Integer> positions) {

    static StoredLog of(Path root, List<byte[]> batches) throws IOException {
        Path segment = Logs.segment(root);
        List<Integer> positions = new ArrayList<>();
        try (LogFile file = new LogFile(segment, StandardOpenOption.READ)) {
            SegmentScan.scan(file, 0, 0, new SegmentScan.Visitor() {
                @Override
                public void onBatch(long position, DirectBuffer buffer, int batchIndex, int length) {
                    positions.add((int) position);
                }

                @Override
                public void onDamage(long position, long nextPosition, long offset, long nextOffset) {
                    throw new AssertionError("position=" + position);
                }
            });
        }
        byte[] all = Files.readAllBytes(segment);
        int last = positions.get(positions.size() - 1) + batches.get(batches.size() - 1).length;
        byte[] bytes = Arrays.copyOf(all, Math.min(all.length, last + 1000));
        Path point = Logs.directory(root).resolve(RecoveryPoint.FILE);
        return new StoredLog(
                batches,
                bytes,
                all.length,
                Files.exists(point) ? Files.readAllBytes(point) : null,
                Files.readAllBytes(root.resolve(StoreDirectory.FORMAT_FILE)),
                positions);
    }

    int position(int batch) {
        return positions.get(batch);
    }

    int endPosition(int batch) {
        return position(batch) + ExcerptLayout.HEADER_LENGTH + batches.get(batch).length;
    }

    int batchesBelow(int position) {
        int batch = 0;
        while (batch < batches.size() && endPosition(batch) <= position) {
            batch++;
        }
        return batch;
    }

    /** Of that many batches. */
    long endOffset(int batchCount) {
        return batchCount == 0 ? 0 : BatchLayout.endOffset(new UnsafeBuffer(batches.get(batchCount - 1)), 0);
    }

    /** Whether a batch and everything before it that counts lies in these bytes as it was written. */
    boolean isSame(int batch, byte[] other) {
        int from = batch == 0 ? 0 : position(batch);
        return Arrays.equals(bytes, from, endPosition(batch), other, from, endPosition(batch));
    }

    void writeTo(Path root, byte[] other, long otherSize) throws IOException {
        Files.createDirectories(Logs.directory(root));
        Files.write(root.resolve(StoreDirectory.FORMAT_FILE), format);
        try (RandomAccessFile file = new RandomAccessFile(Logs.segment(root).toFile(), "rw")) {
            file.write(other);
            file.setLength(otherSize);
        }
        if (recoveryPoint != null) {
            Files.write(Logs.directory(root).resolve(RecoveryPoint.FILE), recoveryPoint);
        }
    }
}
