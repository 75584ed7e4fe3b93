package io.tidemill.runtime;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts real JVMs on the class path of the running test, without any flag that the test does not give: for promises about
 * start-up, flags and killed processes. A child never outlives the call that started it.
 */
public final class ChildJvm {

    /** JDK homes to test on beside those found, separated as a class path is. */
    public static final String JDKS_PROPERTY = "tidemill.test.jdks";

    private static final int FEATURE_MIN = 17;

    /** From these the launcher and the JVM would take flags. */
    private static final List<String> FLAG_VARIABLES =
            List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    private ChildJvm() {}

    /** An installed JDK; {@code feature} is its release, for example 17. */
    public record Jdk(Path home, int feature) {
        @Override
        public String toString() {
            return "JDK " + feature;
        }
    }

    /** What a child that ended by itself left behind. */
    public record Result(int exitCode, String stdout, String stderr) {}

    /** One JDK for each release from 17 on that this machine has, the running one first among its equals, in order. */
    public static List<Jdk> jdks() {
        Map<Integer, Jdk> byFeature = new TreeMap<>();
        homes().flatMap(home -> jdkAt(home).stream()).forEach(jdk -> byFeature.putIfAbsent(jdk.feature(), jdk));
        return List.copyOf(byFeature.values());
    }

    /** The one that runs this. */
    public static Jdk running() {
        return jdkAt(Path.of(System.getProperty("java.home"))).orElseThrow();
    }

    /**
     * Runs {@code mainClass} to its end.
     *
     * @param jvmArgs flags and system properties; they come after the class path and may replace it
     * @throws IllegalStateException if the child still runs after {@code timeout}; it is killed first
     */
    public static Result run(Jdk jdk, Class<?> mainClass, List<String> jvmArgs, Duration timeout)
            throws IOException, InterruptedException {
        return runIn(Path.of("").toAbsolutePath(), jdk, mainClass, jvmArgs, timeout);
    }

    /** The same with another working directory. */
    public static Result runIn(Path directory, Jdk jdk, Class<?> mainClass, List<String> jvmArgs, Duration timeout)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(jdk.home().resolve("bin").resolve("java").toString());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.addAll(jvmArgs);
        command.add(mainClass.getName());

        // Files, not pipes: a full pipe would stop the child, and draining two needs threads.
        Path stdout = Files.createTempFile("child-jvm", ".out");
        Path stderr = Files.createTempFile("child-jvm", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
            builder.directory(directory.toFile());
            builder.environment().keySet().removeAll(FLAG_VARIABLES);
            Process child = builder.start();
            try {
                boolean ended = child.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
                if (!ended) {
                    throw new IllegalStateException("child JVM did not end: timeout=" + timeout + ", command=" + command
                            + ", stdout=" + text(stdout) + ", stderr=" + text(stderr));
                }
                return new Result(child.exitValue(), text(stdout), text(stderr));
            } finally {
                child.destroyForcibly();
            }
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    private static Stream<Path> homes() {
        Stream<Path> running = Stream.of(Path.of(System.getProperty("java.home")));
        Stream<Path> given = Stream.of(System.getProperty(JDKS_PROPERTY, "").split(File.pathSeparator))
                .filter(home -> !home.isEmpty())
                .map(Path::of);
        Stream<Path> fromEnvironment = System.getenv().entrySet().stream()
                .filter(variable -> variable.getKey().startsWith("JAVA_HOME_"))
                .map(variable -> Path.of(variable.getValue()));
        Stream<Path> installed = childrenOf(Path.of("/usr/lib/jvm")).stream();
        return Stream.of(running, given, fromEnvironment, installed).flatMap(homes -> homes);
    }

    private static List<Path> childrenOf(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Jdk> jdkAt(Path home) {
        Path release = home.resolve("release");
        if (!Files.isRegularFile(release)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(release)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // JAVA_VERSION="25.0.1", or "1.8.0_402" of old.
        String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
        String[] numbers = version.split("\\D", 2);
        int feature = numbers[0].isEmpty() ? 0 : Integer.parseInt(numbers[0]);
        return feature < FEATURE_MIN ? Optional.empty() : Optional.of(new Jdk(home, feature));
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
