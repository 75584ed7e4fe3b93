package io.tidemill.log;

import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that an interrupt of the thread that uses it cannot close. A {@link FileChannel} would be closed, under whoever
 * comes next; here the interrupt is laid aside, the channel opened again if need be, and the thread is interrupted when
 * the call returns, which has done its work. Used by one thread at a time. Failures are {@link StorageException}s that
 * name the file.
 */
final class LogFile implements AutoCloseable {
    private final Path path;
    private final OpenOption[] options;
    private @Nullable FileChannel channel;
    private boolean closed;

    /** Opens nothing before the first use. */
    LogFile(Path path, OpenOption... options) {
        this.path = path;
        this.options = options;
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
            return buffer.position() - first;
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
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return call.on(channel());
                } catch (ClosedByInterruptException e) {
                    channel = null;
                    interrupted = true;
                    Thread.interrupted();
                }
            }
        } catch (IOException e) {
            throw new StorageException("cannot " + act + " file: file=" + path + ", reason=" + e, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            if (closed) {
                throw new IllegalStateException("file is closed: file=" + path);
            }
            open = FileChannel.open(path, options);
            channel = open;
        }
        return open;
    }

    @Override
    public void close() {
        closed = true;
        if (channel != null) {
            call("close", open -> {
                open.close();
                return 0;
            });
            channel = null;
        }
    }
}
