package io.tidemill.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemill.errors.CorruptRecordException;
import io.tidemill.errors.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I06: magic and version in every file; a newer one is refused, and a damaged one is not believed. */
final class SealedFileTest {
    @TempDir
    private Path directory;

    private Path path;
    private SealedFile file;

    @BeforeEach
    void nameAFile() {
        path = directory.resolve("file");
        file = new SealedFile(path, "TMSTATE ", 1);
    }

    @Test
    void isNullUntilItIsWritten() {
        assertNull(file.read());
    }

    @Test
    void givesBackWhatWasWrittenLast() throws IOException {
        for (int length : new int[] {0, 1, 100_000, 3}) {
            byte[] content = new byte[length];
            Arrays.fill(content, (byte) length);

            write(content);

            assertArrayEquals(content, file.read());
        }
        assertEquals(1, Files.list(directory).count());
    }

    @Test
    void ignoresATemporaryFileThatACrashLeft() throws IOException {
        Files.write(directory.resolve("temporary"), new byte[1000]);

        write(new byte[] {1, 2});

        assertArrayEquals(new byte[] {1, 2}, file.read());
    }

    @Test
    void noticesEveryBitFlipAndEveryCut() throws IOException {
        write("content".getBytes(StandardCharsets.US_ASCII));
        byte[] whole = Files.readAllBytes(path);
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            Files.write(path, flipped);

            assertNamesFile(assertThrows(CorruptRecordException.class, file::read));
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));

            assertNamesFile(assertThrows(CorruptRecordException.class, file::read));
        }
    }

    @Test
    void refusesANewerVersion() {
        new SealedFile(path, "TMSTATE ", 2).write(new byte[0], directory.resolve("temporary"));

        StorageException refused = assertThrows(StorageException.class, file::read);

        assertNamesFile(refused);
        assertTrue(refused.getMessage().contains("version=2, known=1"), refused.getMessage());
    }

    @Test
    void refusesAFileOfAnotherKind() {
        new SealedFile(path, "TMFORMAT", 1).write(new byte[0], directory.resolve("temporary"));

        assertThrows(CorruptRecordException.class, file::read);
    }

    private void assertNamesFile(Exception e) {
        assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    }

    private void write(byte[] content) {
        file.write(content, directory.resolve("temporary"));
    }
}
