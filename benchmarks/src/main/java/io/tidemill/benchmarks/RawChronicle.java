package io.tidemill.benchmarks;

import io.tidemill.runtime.JvmAccess;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.posix.internal.PosixAPIHolder;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Chronicle Queue with its defaults, as its users use it: an excerpt per record. */
@State(Scope.Benchmark)
public class RawChronicle extends RecordsPerSecond {
    /** What would call home, print, or start threads that watch disks. */
    private static final List<String> SWITCHES = List.of(
            "chronicle.analytics.disable",
            "chronicle.announcer.disable",
            "chronicle.disk.monitor.disable",
            "disable.perf.info");

    private final byte[] value = new byte[Payload.LENGTH];
    private final Sum sum = new Sum();
    private UnsafeBuffer valueBuffer;
    private UnsafeBuffer view;

    private ScratchDirectory preparedDirectory;
    private ChronicleQueue prepared;

    private ScratchDirectory directory;
    private ChronicleQueue queue;
    private ExcerptAppender appender;
    private ExcerptTailer tailer;
    private boolean hasAppended;

    /** Writes what {@link #read} reads. */
    @Setup(Level.Trial)
    public void fill() {
        JvmAccess.ensureChronicle();
        SWITCHES.forEach(name -> System.setProperty(name, "true"));
        PosixAPIHolder.useNoOpPosixApi();
        valueBuffer = new UnsafeBuffer(value);
        view = new UnsafeBuffer(0, 0);
        preparedDirectory = new ScratchDirectory();
        prepared = open(preparedDirectory.path());
        try (ExcerptAppender filler = prepared.createAppender()) {
            appendAll(filler);
        }
    }

    /** A queue that holds nothing yet; each time, as {@link RawFile} begins a file each time. */
    @Setup(Level.Invocation)
    public void open() {
        directory = new ScratchDirectory();
        queue = open(directory.path());
        appender = queue.createAppender();
        tailer = queue.createTailer();
        hasAppended = false;
    }

    private static ChronicleQueue open(Path path) {
        return SingleChronicleQueueBuilder.binary(path).build();
    }

    /** One thread appends. */
    @Benchmark
    public long append() {
        hasAppended = true;
        return appendAll(appender);
    }

    private long appendAll(ExcerptAppender to) {
        for (int number = 0; number < RECORDS; number++) {
            Payload.encode(valueBuffer, 0, number);
            try (DocumentContext context = to.writingDocument()) {
                bytes(context).write(value);
            }
        }
        return to.lastIndexAppended();
    }

    /** A new tailer reads from the first record to the last, all of which were written before; a view saves it the copy. */
    @Benchmark
    public long read() {
        try (ExcerptTailer reader = prepared.createTailer()) {
            return readAll(reader);
        }
    }

    private long readAll(ExcerptTailer from) {
        sum.reset();
        while (sum.count() < RECORDS) {
            try (DocumentContext context = from.readingDocument()) {
                if (!context.isPresent()) {
                    break;
                }
                Bytes<?> bytes = bytes(context);
                view.wrap(bytes.addressForRead(bytes.readPosition()), Math.toIntExact(bytes.readRemaining()));
                sum.add(view, 0, view.capacity());
            }
        }
        return sum.check(0, RECORDS);
    }

    private static Bytes<?> bytes(DocumentContext context) {
        return Objects.requireNonNull(context.wire()).bytes();
    }

    /** Reads what {@link #append} appended, from the first record to the last, and removes it. */
    @TearDown(Level.Invocation)
    public void check() {
        if (hasAppended) {
            readAll(tailer);
        }
        CloseHelper.closeAll(appender, tailer, queue, directory);
    }

    /** Removes the rest. */
    @TearDown(Level.Trial)
    public void close() {
        CloseHelper.closeAll(prepared, preparedDirectory);
    }
}
