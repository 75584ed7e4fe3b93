package io.tidemill.consumer;

import io.tidemill.spi.LogCursor;
import io.tidemill.spi.LogSettings;
import io.tidemill.spi.PartitionLog;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** A log that forgets what is old just when a cursor steps on, the next time it was told to. */
final class ForgetfulLog implements PartitionLog {
    private final PartitionLog log;
    private boolean forgetsNext;

    ForgetfulLog(PartitionLog log) {
        this.log = log;
    }

    void forgetAtNextStep() {
        forgetsNext = true;
    }

    private void onStep() {
        if (forgetsNext) {
            forgetsNext = false;
            log.deleteOld();
        }
    }

    @Override
    public LogCursor newCursor() {
        LogCursor cursor = log.newCursor();
        return new LogCursor() {
            @Override
            public void seek(long offset) {
                cursor.seek(offset);
            }

            @Override
            public boolean next(long limitOffset) {
                onStep();
                return cursor.next(limitOffset);
            }

            @Override
            public DirectBuffer buffer() {
                return cursor.buffer();
            }

            @Override
            public int batchIndex() {
                return cursor.batchIndex();
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    @Override
    public long startOffset() {
        return log.startOffset();
    }

    @Override
    public long endOffset() {
        return log.endOffset();
    }

    @Override
    public int batchBytesMax() {
        return log.batchBytesMax();
    }

    @Override
    public void append(DirectBuffer buffer, int index, int length) {
        log.append(buffer, index, length);
    }

    @Override
    public void truncate(long endOffset) {
        log.truncate(endOffset);
    }

    @Override
    public void alter(LogSettings settings) {
        log.alter(settings);
    }

    @Override
    public void deleteOld() {
        log.deleteOld();
    }

    @Override
    public boolean compact(long limitOffset, BooleanSupplier isStopped) {
        return log.compact(limitOffset, isStopped);
    }

    @Override
    public void flush() {
        log.flush();
    }

    @Override
    public void close() {
        log.close();
    }
}
