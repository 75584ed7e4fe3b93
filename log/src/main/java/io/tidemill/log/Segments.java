package io.tidemill.log;

import io.tidemill.errors.StorageException;
import io.tidemill.log.chronicle.SegmentName;
import io.tidemill.spi.LogObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which segments a log has, on disk and for its readers. Three threads change that: the log's writer, which begins and forgets
 * some, the one that compacts, which puts one in the place of others, and the one that makes what is sealed durable. Each holds
 * the lock from when it looks to when it is done, but not while it waits for the disk to take a whole segment. Readers take no
 * lock: they see the array as it was before or as it is after.
 *
 * <p>While the log is open no file is deleted but those of segments that were dropped, because another one may be in the
 * making.
 */
final class Segments {
    private static final Logger LOG = LoggerFactory.getLogger(Segments.class);

    private final Path directory;
    private final DiskUsage usage;
    private final ReentrantLock changing = new ReentrantLock();
    /** Held by the one who makes what is sealed durable: what a disk fails to write, it says once, and to whoever asks first. */
    private final ReentrantLock forcing = new ReentrantLock();
    /** Guarded by {@link #forcing}. */
    private @Nullable StorageException forceFailure;
    /** Dropped, and their files not deleted yet. */
    private final Queue<SegmentName> dropped = new ConcurrentLinkedQueue<>();

    private final AtomicInteger nextOrdinal;
    private volatile Manifest manifest;
    /** Replaced as a whole; never empty, and the last one is the active one. The others are those of the manifest. */
    private volatile Segment[] all;

    private volatile int truncations;
    private volatile LogObserver observer = LogObserver.NONE;

    /** What the manifest names, and nothing else, is there afterwards. */
    static Manifest prepare(Path directory, boolean machineRestarted) {
        Manifest manifest = Manifest.read(directory);
        // What a process left undone that was lost in the middle of it.
        giveNames(directory, manifest.sealed());
        if (machineRestarted && !manifest.unforced().isEmpty()) {
            manifest = SealedRecovery.recover(directory, manifest);
        }
        deleteLeftovers(directory, manifest);
        return manifest;
    }

    Segments(Path directory, DiskUsage usage, Manifest manifest, LogEnd activeEnd, PositionIndex activeIndex) {
        this.directory = directory;
        this.usage = usage;
        usage.add(manifest.sealedBytes());
        this.nextOrdinal = new AtomicInteger(manifest.lastOrdinal() + 1);
        this.manifest = manifest;
        List<Segment> segments = new ArrayList<>();
        for (Manifest.Sealed sealed : manifest.sealed()) {
            segments.add(Segment.sealed(directory, sealed));
        }
        segments.add(Segment.active(directory, manifest.active(), activeEnd, activeIndex));
        this.all = segments.toArray(Segment[]::new);
    }

    /** The one that holds an offset, or the nearest. Any thread. */
    Segment of(long offset) {
        return Segment.floor(all, offset);
    }

    /** The first one with a record of that time or a later one, or the last one. Any thread. */
    Segment ofTime(long timestampMs) {
        return Segment.ofTime(all, timestampMs);
    }

    /** Of the newest record, or of one that was forgotten since. Any thread. */
    long maxTimestamp() {
        return Segment.maxTimestamp(all);
    }

    /** Any thread. */
    long firstOffset() {
        return all[0].baseOffset();
    }

    /** The one that is appended to. */
    Segment active() {
        Segment[] snapshot = all;
        return snapshot[snapshot.length - 1];
    }

    /** Any thread. */
    Manifest manifest() {
        return manifest;
    }

    /** How often; what was found out about the log before may not be so any more. */
    int truncations() {
        return truncations;
    }

    /** Makes a name that no file has. Any thread. */
    SegmentName newName(long baseOffset) {
        return new SegmentName(baseOffset, nextOrdinal.getAndIncrement());
    }

    /** Nobody else changes them until {@link #unlock}. */
    void lock() {
        changing.lock();
    }

    void unlock() {
        changing.unlock();
    }

    /**
     * The manifest says so by now: a segment ended there, those behind it are forgotten, and a new one begins, there or, if
     * nothing is left, anywhere. The writer, with the lock.
     */
    void onEnd(Manifest next, Segment last, Segment.Boundary end, PositionIndex nextIndex) {
        Segment[] present = all;
        List<Segment> kept = new ArrayList<>();
        List<Segment> forgotten = new ArrayList<>();
        for (Segment segment : present) {
            (segment.baseOffset() < end.offset() ? kept : forgotten).add(segment);
        }
        kept.add(Segment.active(
                directory, next.active(), new LogEnd(next.active().baseOffset(), 0), nextIndex));
        boolean isTruncation = end.offset() < present[present.length - 1].end().offsetAcquire()
                || next.active().baseOffset() != end.offset();
        truncations += isTruncation ? 1 : 0;
        setManifest(next);
        all = kept.toArray(Segment[]::new);

        // Readers leave a segment where it ends.
        last.sealAt(end);
        for (Segment segment : forgotten) {
            segment.sealAt(new Segment.Boundary(segment.baseOffset(), 0));
        }
        // Chronicle does not open a segment beside another one of its name. That lasts at the latest when it is forced.
        giveNames(directory, next.newestSealed());
        deleteFiles(forgotten);
    }

    private void setManifest(Manifest next) {
        usage.add(next.sealedBytes() - manifest.sealedBytes());
        manifest = next;
    }

    /** The log is closed, and may be deleted: what it takes is not counted any more. */
    void onClose() {
        deleteDropped();
        usage.add(-manifest.sealedBytes());
    }

    /** Their files are deleted by {@link #deleteDropped}. Any thread, with the lock. */
    void dropOldest(int count) {
        Manifest next = manifest.withoutOldest(count);
        next.write(directory);
        long deletedBytes = manifest.sealedBytes() - next.sealedBytes();
        setManifest(next);
        Segment[] present = all;
        all = Arrays.copyOfRange(present, count, present.length);
        for (int i = 0; i < count; i++) {
            dropped.add(present[i].name());
        }
        observer.onDeleted(firstOffset(), deletedBytes);
    }

    /** Answers whether there was something to do. Any thread, and best one that may wait for the disk. */
    boolean deleteDropped() {
        boolean hasDeleted = false;
        for (SegmentName name = dropped.poll(); name != null; name = dropped.poll()) {
            deleteFiles(name);
            hasDeleted = true;
        }
        return hasDeleted;
    }

    void observedBy(LogObserver newObserver) {
        observer = newObserver;
    }

    LogObserver observer() {
        return observer;
    }

    /** What its records take in all files. Any thread. */
    long bytes() {
        return manifest.sealedBytes() + active().end().positionAcquire();
    }

    /**
     * Puts a segment in the place of those that lie between its ends; done when the manifest says so. False, and nothing has
     * changed, when they do not lie there any more. The thread that compacts.
     */
    boolean replace(Manifest.Sealed replacement, int truncationsBefore) {
        List<Segment> replaced = new ArrayList<>();
        changing.lock();
        try {
            Manifest next = manifest.withReplaced(replacement);
            if (truncations != truncationsBefore || next == null) {
                return false;
            }
            next.write(directory);
            setManifest(next);
            List<Segment> kept = new ArrayList<>();
            for (Segment segment : all) {
                boolean isReplaced = segment.baseOffset() >= replacement.name().baseOffset()
                        && segment.baseOffset() < replacement.endOffset();
                if (isReplaced && replaced.isEmpty()) {
                    kept.add(Segment.sealed(directory, replacement));
                }
                (isReplaced ? replaced : kept).add(segment);
            }
            all = kept.toArray(Segment[]::new);
        } finally {
            changing.unlock();
        }
        deleteFiles(replaced);
        return true;
    }

    /**
     * Makes what is sealed survive a crash of the machine, and says so in the manifest. Answers whether there was something
     * to do. Any thread.
     *
     * @throws io.tidemill.errors.StorageException when it may not survive
     */
    boolean force() {
        List<Manifest.Sealed> unforced = manifest.unforced();
        if (unforced.isEmpty()) {
            return false;
        }
        forceFiles(unforced);
        changing.lock();
        try {
            Manifest next = manifest.withForced(unforced);
            next.write(directory);
            setManifest(next);
        } finally {
            changing.unlock();
        }
        return true;
    }

    private void forceFiles(List<Manifest.Sealed> unforced) {
        forcing.lock();
        try {
            if (forceFailure != null) {
                throw new StorageException(
                        "an earlier flush failed: directory=" + directory + ", reason=" + forceFailure.getMessage(),
                        forceFailure);
            }
            for (Manifest.Sealed segment : unforced) {
                forceFile(segment);
            }
            Directories.forceNames(directory);
        } catch (StorageException e) {
            forceFailure = e;
            throw e;
        } finally {
            forcing.unlock();
        }
    }

    private void forceFile(Manifest.Sealed segment) {
        try (LogFile file = Segment.sealed(directory, segment).openFile()) {
            file.force();
        } catch (StorageException e) {
            if (manifest.unforced().contains(segment)) {
                throw e;
            }
            LOG.debug("a segment was dropped before it was forced: reason={}", e.getMessage());
        }
    }

    /** The thread that compacts. */
    void compactedUpTo(long offset, int truncationsBefore) {
        changing.lock();
        try {
            if (truncations == truncationsBefore) {
                Manifest next = manifest.withCompacted(offset);
                next.write(directory);
                setManifest(next);
            }
        } finally {
            changing.unlock();
        }
    }

    /** A crash of the machine may take them again as long as the directory is not forced: a segment is found under either name. */
    private static void giveNames(Path directory, List<Manifest.Sealed> segments) {
        try {
            for (Manifest.Sealed segment : segments) {
                if (!Files.exists(segment.name().sealedFile(directory))) {
                    Files.move(
                            segment.name().activeFile(directory),
                            segment.name().sealedFile(directory),
                            StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "sealed segment gets its name when the log is opened again: directory={}, reason={}",
                    directory,
                    e.toString());
        }
    }

    /** Nobody else is at work in the directory. */
    private static void deleteLeftovers(Path directory, Manifest manifest) {
        try {
            SegmentCompaction.deleteLeftovers(directory);
            for (Path leftover : manifest.leftovers(directory)) {
                Files.delete(leftover);
            }
        } catch (IOException e) {
            // What does not count is not looked at.
            LOG.warn(
                    "files are deleted when the log is opened again: directory={}, reason={}", directory, e.toString());
        }
    }

    private void deleteFiles(List<Segment> dropped) {
        for (Segment segment : dropped) {
            deleteFiles(segment.name());
        }
    }

    /** Of a segment that the manifest does not name. Any thread. */
    void deleteFiles(SegmentName segment) {
        try {
            for (Path file : segment.files(directory)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn(
                    "files are deleted when the log is opened again: directory={}, reason={}", directory, e.toString());
        }
    }
}
