package io.tidemill.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Everything about a directory that somebody who only looks must not change: names, sizes, contents, times. */
record DirectorySnapshot(Map<String, String> files) {
    static DirectorySnapshot of(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(file -> !file.equals(root)).toList()) {
                String content = Files.isDirectory(file)
                        ? "directory"
                        : Files.size(file) + " bytes, hash " + Arrays.hashCode(Files.readAllBytes(file));
                files.put(root.relativize(file).toString(), content + ", " + Files.getLastModifiedTime(file));
            }
        }
        return new DirectorySnapshot(files);
    }

    List<String> names() {
        return List.copyOf(files.keySet());
    }
}
