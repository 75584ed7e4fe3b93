package io.tidemill.benchmarks;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.tidemill.runtime.JvmAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What the file system gives to who does nothing but fill a file with values, or look at those in it. */
@State(Scope.Benchmark)
public class RawFile extends RecordsPerSecond {
    private static final int FILE_BYTES = RECORDS * Payload.LENGTH;
    private static final int BATCH_RECORDS = 256;
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int BLOCK_RECORDS = BLOCK_BYTES / Payload.LENGTH;

    private final Sum sum = new Sum();
    private ScratchDirectory directory;
    private Path prepared;
    private Path written;
    private ByteBuffer stagingBytes;
    private UnsafeBuffer staging;
    private UnsafeBuffer view;

    /** Writes what {@link #scanMapped} reads. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        JvmAccess.ensureAgrona();
        directory = new ScratchDirectory();
        prepared = directory.file("prepared");
        written = directory.file("written");
        stagingBytes = ByteBuffer.allocateDirect(BLOCK_BYTES);
        staging = new UnsafeBuffer(stagingBytes);
        view = new UnsafeBuffer(0, 0);
        write(prepared);
    }

    /** Batches of values, staged and then copied into a new file that is mapped as a whole. */
    @Benchmark
    public long copyToFreshMapping() throws IOException {
        try (FileChannel channel = FileChannel.open(written, CREATE_NEW, READ, WRITE)) {
            MappedByteBuffer mapping = channel.map(MapMode.READ_WRITE, 0, FILE_BYTES);
            view.wrap(mapping);
            for (int first = 0; first < RECORDS; first += BATCH_RECORDS) {
                int length = stage(first, BATCH_RECORDS);
                view.putBytes(first * Payload.LENGTH, staging, 0, length);
            }
            IoUtil.unmap(mapping);
            return FILE_BYTES;
        }
    }

    /** Blocks of values, staged and then written to a new file. */
    @Benchmark
    public long writeBlocks() throws IOException {
        return write(written);
    }

    private long write(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            for (int first = 0; first < RECORDS; first += BLOCK_RECORDS) {
                stagingBytes.limit(stage(first, BLOCK_RECORDS)).position(0);
                while (stagingBytes.hasRemaining()) {
                    channel.write(stagingBytes);
                }
            }
            return channel.position();
        }
    }

    private int stage(int first, int recordsMax) {
        int count = Math.min(recordsMax, RECORDS - first);
        for (int i = 0; i < count; i++) {
            Payload.encode(staging, i * Payload.LENGTH, first + i);
        }
        return count * Payload.LENGTH;
    }

    /** Every value of a file that is mapped as a whole. */
    @Benchmark
    public long scanMapped() throws IOException {
        return scan(prepared);
    }

    private long scan(Path file) throws IOException {
        sum.reset();
        try (FileChannel channel = FileChannel.open(file, READ)) {
            MappedByteBuffer mapping = channel.map(MapMode.READ_ONLY, 0, FILE_BYTES);
            view.wrap(mapping);
            for (int index = 0; index < FILE_BYTES; index += Payload.LENGTH) {
                sum.add(view, index, Payload.LENGTH);
            }
            IoUtil.unmap(mapping);
        }
        return sum.check(0, RECORDS);
    }

    /** Looks at what was written, and removes it. */
    @TearDown(Level.Invocation)
    public void checkWritten() throws IOException {
        if (Files.exists(written)) {
            scan(written);
            Files.delete(written);
        }
    }

    /** Removes everything. */
    @TearDown(Level.Trial)
    public void close() {
        BufferUtil.free(stagingBytes);
        directory.close();
    }
}
