package io.tidemill.log.chronicle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.openhft.posix.internal.PosixAPIHolder;

/**
 * What must be set before the first class of Chronicle is initialised, once in a JVM: nothing calls home, prints, watches
 * disks or reads files that were not meant for it, and no native library is looked for. What the user has set stays.
 *
 * <p>Chronicle's own messages go to slf4j without further ado.
 */
final class ChronicleDefaults {
    private static final Map<String, String> PROPERTIES = Map.of(
            "chronicle.analytics.disable", "true",
            "chronicle.announcer.disable", "true",
            "chronicle.disk.monitor.disable", "true",
            "disable.perf.info", "true",
            "mappedFile.defaultSyncMode", "NONE",
            // Files that nobody else has open are locked at once, or not at all.
            "chronicle.table.store.timeoutMS", "1000",
            // Mappings and descriptors are given back by the thread that closes, and no thread is started for it.
            "background.releaser", "false");

    private static final Path EMPTY_FILE = Path.of("/dev/null");

    static {
        PROPERTIES.forEach(ChronicleDefaults::set);
        if (Files.exists(EMPTY_FILE)) {
            // Or else Chronicle loads a file of this name, if the working directory has one, into the JVM's properties.
            set("system.properties", EMPTY_FILE.toString());
        }
        PosixAPIHolder.useNoOpPosixApi();
    }

    private ChronicleDefaults() {}

    private static void set(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** The first call sets everything. */
    static void ensure() {}
}
