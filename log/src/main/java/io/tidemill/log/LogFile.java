package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that an interrupt of the thread that uses it cannot close. Used by one thread at a time. Failures are {@link
 * StorageException}s that name the file.
 */
final class LogFile implements AutoCloseable {
    private final Path path;
    /** What the file may be called by now. */
    private final Path laterPath;

    private final OpenOption[] options;
    private @Nullable FileChannel channel;
    private boolean closed;

    /** Opens nothing before the first use. The options may be applied again and again, so none of them may truncate. */
    LogFile(Path path, OpenOption... options) {
        this(path, path, options);
    }

    private LogFile(Path path, Path laterPath, OpenOption... options) {
        this.path = path;
        this.laterPath = laterPath;
        this.options = options;
    }

    /** Of a file that another thread may rename at any time. */
    static LogFile renamed(Path path, Path laterPath, OpenOption... options) {
        return new LogFile(path, laterPath, options);
    }

    Path path() {
        return path;
    }

    /** Reads until the buffer is full or the file ends. */
    int read(ByteBuffer buffer, long position) {
        int first = buffer.position();
        return (int) call("read", channel -> {
            int read;
            do {
                read = channel.read(buffer, position + buffer.position() - first);
            } while (read > 0 && buffer.hasRemaining());
            return (long) buffer.position() - first;
        });
    }

    /** Writes the whole buffer. When that fails, the buffer's position tells how much was written. */
    void write(ByteBuffer buffer, long position) {
        int first = buffer.position();
        call("write", channel -> {
            while (buffer.hasRemaining()) {
                channel.write(buffer, position + buffer.position() - first);
            }
            return 0;
        });
    }

    long size() {
        return call("size", FileChannel::size);
    }

    void truncate(long size) {
        call("truncate", channel -> channel.truncate(size).size());
    }

    /** Makes the file longer without allocating anything, if it is shorter. Nobody else may make it longer than that meanwhile. */
    void extend(long size) {
        call("extend", channel -> {
            if (channel.size() < size) {
                // A channel cannot.
                try (RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
                    other.setLength(size);
                }
            }
            return 0;
        });
    }

    /** After this, what was written survives a crash of the machine. */
    void force() {
        call("force", channel -> {
            channel.force(false);
            return 0;
        });
    }

    private interface Call {
        long on(FileChannel channel) throws IOException;
    }

    private long call(String act, Call call) {
        try {
            return Uninterrupted.run(() -> {
                try {
                    return call.on(channel());
                } catch (ClosedByInterruptException e) {
                    channel = null;
                    throw e;
                }
            });
        } catch (IOException e) {
            throw new StorageException("cannot " + act + " file: file=" + path + ", reason=" + e, e);
        }
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            if (closed) {
                throw new IllegalStateException("file is closed: file=" + path);
            }
            open = open();
            channel = open;
        }
        return open;
    }

    private FileChannel open() throws IOException {
        try {
            return FileChannel.open(path, options);
        } catch (NoSuchFileException e) {
            if (laterPath.equals(path)) {
                throw e;
            }
            return FileChannel.open(laterPath, options);
        }
    }

    /** Gives back the descriptor; the next use opens the file again. */
    void release() {
        if (channel != null) {
            call("close", open -> {
                open.close();
                return 0;
            });
            channel = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        release();
    }
}
