package io.tidemill.spi;

import org.jspecify.annotations.Nullable;

/**
 * A few bytes that are replaced as a whole: after a crash one reads either the former content or the new one, never a
 * mixture. Any thread may call, one at a time.
 */
public interface StateFile {
    /**
     * What was last written.
     *
     * @return a copy, or null when nothing ever was
     * @throws io.tidemill.errors.CorruptRecordException when the content fails its checksum
     */
    byte @Nullable [] read();

    /**
     * Replaces the content. When this returns, the new content survives a crash of the machine.
     *
     * @param content copied
     * @throws io.tidemill.errors.StorageException when the former content still stands
     */
    void write(byte[] content);

    /**
     * Removes it: nothing was ever written, then. Nothing happens when that is so. It may come back in a crash of the machine.
     *
     * @throws io.tidemill.errors.StorageException when it still stands
     */
    void delete();
}
