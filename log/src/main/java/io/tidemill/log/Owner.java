package io.tidemill.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process, told from every other one: a pid alone comes back after a restart, in a container always.
 *
 * @param startedMs when the process started, or 0 where the system does not tell
 * @param boot names the run of the machine, or {@link #UNKNOWN_BOOT}
 */
record Owner(long pid, long startedMs, String boot) {
    static final String UNKNOWN_BOOT = "unknown";

    /** The start of a process is counted from the machine's, which the system tells to the second. */
    private static final long START_TOLERANCE_MS = 2_000;

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Pattern TEXT = Pattern.compile("tidemill-owner 1 pid=(\\d+) startedMs=(\\d+) boot=(\\S+)\\n");

    static Owner current() {
        ProcessHandle process = ProcessHandle.current();
        long startedMs =
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return new Owner(process.pid(), startedMs, currentBoot());
    }

    /** A process of the same run of the machine that does not run any more. */
    Owner gone() {
        return new Owner(0, 0, boot);
    }

    private static String currentBoot() {
        try {
            return Uninterrupted.run(() -> Files.readString(BOOT_ID)).strip();
        } catch (IOException e) {
            return UNKNOWN_BOOT;
        }
    }

    /** What {@link #toText} made; anything else is a process that is not known and not alive. */
    static Owner ofText(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? new Owner(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)), matcher.group(3))
                : new Owner(0, 0, UNKNOWN_BOOT);
    }

    String toText() {
        return "tidemill-owner 1 pid=" + pid + " startedMs=" + startedMs + " boot=" + boot + "\n";
    }

    /** Whether that process still runs. Where the system tells little, another one may be taken for it. */
    boolean isAlive() {
        ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        if (process == null || !process.isAlive() || !boot.equals(currentBoot())) {
            return false;
        }
        long foundMs = process.info().startInstant().map(Instant::toEpochMilli).orElse(startedMs);
        return startedMs == 0 || Math.abs(foundMs - startedMs) <= START_TOLERANCE_MS;
    }

    boolean isOfThisBoot(Owner other) {
        return boot.equals(other.boot) && !boot.equals(UNKNOWN_BOOT);
    }
}
