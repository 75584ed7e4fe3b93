package io.tidemill.log.chronicle;

import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One file of a Chronicle queue, open for appending. An excerpt holds one batch, copied into Chronicle's mapping as a
 * whole. Used by one thread at a time.
 *
 * <p>A store into a mapped page that the disk has no room for kills the JVM or, worse, does not. So whoever appends has
 * made sure before that the file's bytes up to {@link #ROOM_BYTES} behind the excerpt are allocated and zero.
 */
public final class ChronicleSegment implements AutoCloseable {
    /** An excerpt may be as large as the overlap of two blocks, which is a quarter of a block. */
    public static final int BATCH_BYTES_MAX = 4 * 1024 * 1024 - 4 * 1024;

    /** Chronicle writes so much at most in front of an excerpt or behind it: its own header, and two index pages. */
    public static final int ROOM_BYTES = 8 * 1024;

    private static final int BLOCK_BYTES = 16 * 1024 * 1024;
    private static final int OVERLAP_BYTES = BLOCK_BYTES / 4;
    private static final int HEADER_BYTES = Integer.BYTES;
    private static final long TIMEOUT_MS = 500;
    private static final String METADATA_FILE = "metadata.cq4t";

    static {
        ChronicleDefaults.ensure();
    }

    private final Path file;
    private final RollCycle cycle;
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final UnsafeBuffer target = new UnsafeBuffer(0, 0);

    private ChronicleSegment(Path file, RollCycle cycle, SingleChronicleQueue queue, ExcerptAppender appender) {
        this.file = file;
        this.cycle = cycle;
        this.queue = queue;
        this.appender = appender;
    }

    /** Removes what Chronicle keeps beside the segments; a dead owner's locks are in there. */
    public static void deleteMetadata(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(METADATA_FILE));
    }

    /**
     * Allocates what Chronicle will keep beside the segments, for the same reason as the segments' own bytes.
     *
     * @throws IOException when the disk has no room
     */
    public static void createMetadata(Path directory) throws IOException {
        deleteMetadata(directory);
        Files.write(directory.resolve(METADATA_FILE), new byte[ROOM_BYTES]);
    }

    /**
     * Opens the last segment of a log, or prepares to create it at the first append. The metadata has been created.
     *
     * @throws RuntimeException or anything else, declared or not, when Chronicle does not like what it finds
     */
    public static ChronicleSegment open(Path directory, SegmentName name) {
        RollCycle cycle = new SegmentCycle(name);
        SingleChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(cycle)
                .timeProvider(name::timeMs)
                .blockSize(BLOCK_BYTES)
                .timeoutMS(TIMEOUT_MS)
                .build();
        try {
            ExcerptAppender appender = queue.createAppender();
            appender.singleThreadedCheckDisabled(true);
            return new ChronicleSegment(name.activeFile(directory), cycle, queue, appender);
        } catch (Throwable e) {
            queue.close();
            throw e;
        }
    }

    /** So long is a file when Chronicle has appended at a position: up to the end of the mapping, though not allocated. */
    public static long fileSizeAt(long position) {
        return (position / BLOCK_BYTES + 1) * BLOCK_BYTES + OVERLAP_BYTES;
    }

    /**
     * Appends one excerpt, if Chronicle would put it where the log ends.
     *
     * @return whether it did; if not, nothing was appended
     * @throws StorageException when the file cannot count more excerpts; nothing was appended
     */
    public boolean append(DirectBuffer buffer, int index, int length, long endPosition) {
        try (DocumentContext context = appender.writingDocument()) {
            Bytes<?> bytes = bytes(context);
            if (bytes.writePosition() != endPosition + HEADER_BYTES) {
                context.rollbackOnClose();
                return false;
            }
            checkCount(context);
            target.wrap(bytes.addressForWrite(endPosition + HEADER_BYTES), length);
            target.putBytes(0, buffer, index, length);
            bytes.writeSkip(length);
            return true;
        }
    }

    /** Whether Chronicle would append where the log ends. */
    public boolean endsAt(long endPosition) {
        try (DocumentContext context = appender.writingDocument()) {
            context.rollbackOnClose();
            return bytes(context).writePosition() == endPosition + HEADER_BYTES;
        }
    }

    private static Bytes<?> bytes(DocumentContext context) {
        return Objects.requireNonNull(context.wire(), "Chronicle opened no document")
                .bytes();
    }

    private void checkCount(DocumentContext context) {
        long sequence = cycle.toSequenceNumber(context.index());
        if (sequence >= cycle.maxMessagesPerCycle()) {
            context.rollbackOnClose();
            throw new StorageException(
                    "segment holds as many batches as it can: file=" + file + ", batches=" + sequence);
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
