package io.tidemill.consumer;

import io.tidemill.spi.ForwardingLog;
import io.tidemill.spi.LogCursor;
import io.tidemill.spi.PartitionLog;
import org.agrona.DirectBuffer;

/** A log that forgets what is old just when a cursor steps on, the next time it was told to. */
final class ForgetfulLog extends ForwardingLog {
    private boolean forgetsNext;

    ForgetfulLog(PartitionLog log) {
        super(log);
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
}
