package io.tidemill.replication.secret;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Protects from damage, and from nothing else. Owned by one thread, with all its sessions. */
public final class Checksums implements Protection {
    private static final int COVERED = SealLayout.CRC32C + Integer.BYTES;

    private final CRC32C crc = new CRC32C();

    @Override
    public int greetingTrailerBytes() {
        return 0;
    }

    @Override
    public int sealGreeting(UnsafeBuffer frame, int length) {
        frame.putInt(SealLayout.CRC32C, compute(frame, 0, length), LITTLE_ENDIAN);
        return length;
    }

    @Override
    public boolean isGenuineGreeting(DirectBuffer buffer, int index, int length) {
        return matches(buffer, index, length);
    }

    @Override
    public SessionSeal seal(SessionNonces nonces) {
        return new ChecksumSeal();
    }

    private boolean matches(DirectBuffer buffer, int index, int length) {
        return length > COVERED
                && buffer.getInt(index + SealLayout.CRC32C, LITTLE_ENDIAN) == compute(buffer, index, length);
    }

    private int compute(DirectBuffer buffer, int index, int length) {
        int first = buffer.wrapAdjustment() + index + COVERED;
        crc.reset();
        byte[] array = buffer.byteArray();
        if (array != null) {
            crc.update(array, first, length - COVERED);
        } else {
            crc.update(buffer.byteBuffer().limit(first + length - COVERED).position(first));
        }
        return (int) crc.getValue();
    }

    private final class ChecksumSeal implements SessionSeal {
        private final UnsafeBuffer opened = new UnsafeBuffer(0, 0);
        private long counter;

        @Override
        public int trailerBytes() {
            return 0;
        }

        @Override
        public int seal(UnsafeBuffer frame, int length) {
            SealLayout.putCounter(frame, counter++);
            return sealGreeting(frame, length);
        }

        @Override
        public @Nullable DirectBuffer open(DirectBuffer buffer, int index, int length) {
            if (!matches(buffer, index, length)) {
                return null;
            }
            opened.wrap(buffer, index, length);
            return opened;
        }
    }
}
