package io.tidemill.idempotence;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import io.tidemill.spi.StateFile;

/** In memory; a write fails when the test wants it to, before it happened or, as in a crash, after. */
final class UnreliableFile implements StateFile {
    enum Fault {
        NONE,
        BEFORE,
        AFTER
    }

    private byte[] content;
    private boolean isDamaged;
    private Fault fault = Fault.NONE;
    private int writes;

    void failNext(Fault next) {
        fault = next;
    }

    void damage() {
        isDamaged = true;
    }

    int writes() {
        return writes;
    }

    /** Of the snapshot in it. */
    long offset() {
        boolean hasSnapshot = content != null && content.length > 0 && !isDamaged;
        return hasSnapshot ? ProducerSnapshotLayout.offset(content) : ProducerSnapshots.NONE;
    }

    @Override
    public byte[] read() {
        if (isDamaged) {
            throw new CorruptRecordException("damaged");
        }
        return content == null ? null : content.clone();
    }

    @Override
    public void delete() {
        content = null;
    }

    @Override
    public void write(byte[] newContent) {
        Fault now = fault;
        fault = Fault.NONE;
        if (now != Fault.BEFORE) {
            content = newContent.clone();
            isDamaged = false;
            writes++;
        }
        if (now != Fault.NONE) {
            throw new StorageException("write failed: fault=" + now);
        }
    }
}
