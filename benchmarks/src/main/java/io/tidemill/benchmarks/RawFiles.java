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
import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the file system gives to who does nothing but fill a thousand new files with values, a piece of at most {@value
 * #PIECE_BYTES} bytes to each in turn: the least that {@link ProduceToMany} to a thousand partitions asks of it.
 */
@State(Scope.Benchmark)
public class RawFiles extends RecordsPerSecond {
    private static final int FILES = 1000;
    private static final int PIECE_BYTES = 4096;
    private static final int PIECE_RECORDS = PIECE_BYTES / Payload.LENGTH;
    private static final int FILE_RECORDS = RECORDS / FILES;

    private final Sum sum = new Sum();
    private ByteBuffer stagingBytes;
    private UnsafeBuffer staging;
    private UnsafeBuffer view;
    private ScratchDirectory directory;
    private List<FileChannel> channels;
    private List<MappedByteBuffer> mappings;

    /** What is needed once. */
    @Setup(Level.Trial)
    public void prepare() {
        JvmAccess.ensureAgrona();
        stagingBytes = ByteBuffer.allocateDirect(PIECE_BYTES);
        staging = new UnsafeBuffer(stagingBytes);
        view = new UnsafeBuffer(0, 0);
    }

    /** Files that hold nothing yet, and their mappings. */
    @Setup(Level.Invocation)
    public void open() throws IOException {
        directory = new ScratchDirectory();
        channels = new ArrayList<>();
        mappings = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            FileChannel channel = FileChannel.open(directory.file("f" + i), CREATE_NEW, READ, WRITE);
            channels.add(channel);
            mappings.add(channel.map(MapMode.READ_WRITE, 0, (long) FILE_RECORDS * Payload.LENGTH));
        }
    }

    /** Through the mappings. */
    @Benchmark
    public long copyToFreshMappings() {
        for (int first = 0; first < FILE_RECORDS; first += PIECE_RECORDS) {
            for (int file = 0; file < FILES; file++) {
                int length = stage(file, first);
                view.wrap(mappings.get(file));
                view.putBytes(first * Payload.LENGTH, staging, 0, length);
            }
        }
        return RECORDS;
    }

    /** By one call for each piece. */
    @Benchmark
    public long writePieces() throws IOException {
        for (int first = 0; first < FILE_RECORDS; first += PIECE_RECORDS) {
            for (int file = 0; file < FILES; file++) {
                stagingBytes.limit(stage(file, first)).position(0);
                channels.get(file).write(stagingBytes, (long) first * Payload.LENGTH);
            }
        }
        return RECORDS;
    }

    private int stage(int file, int first) {
        int count = Math.min(PIECE_RECORDS, FILE_RECORDS - first);
        for (int i = 0; i < count; i++) {
            Payload.encode(staging, i * Payload.LENGTH, (long) file * FILE_RECORDS + first + i);
        }
        return count * Payload.LENGTH;
    }

    /** Looks at what was written, and removes it. */
    @TearDown(Level.Invocation)
    public void close() {
        sum.reset();
        for (MappedByteBuffer mapping : mappings) {
            view.wrap(mapping);
            for (int index = 0; index < mapping.capacity(); index += Payload.LENGTH) {
                sum.add(view, index, Payload.LENGTH);
            }
            IoUtil.unmap(mapping);
        }
        sum.check(0, RECORDS);
        CloseHelper.closeAll(channels);
        directory.close();
    }

    /** The rest. */
    @TearDown(Level.Trial)
    public void free() {
        BufferUtil.free(stagingBytes);
    }
}
