package io.tidemill.runtime;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM that runs a main class of the tests, and is killed at the latest by {@link #close}. */
public final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader stdout;
    private final BufferedWriter stdin;

    private ChildProcess(Process process) {
        this.process = process;
        this.stdout = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.stdin = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    public static ChildProcess start(Class<?> mainClass, List<String> jvmArgs, Object... args) throws IOException {
        return startBy(List.of(), mainClass, jvmArgs, args);
    }

    /** The same, by a command that becomes the JVM, as {@code ip netns exec} does. */
    public static ChildProcess startBy(List<String> launcher, Class<?> mainClass, List<String> jvmArgs, Object... args)
            throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "-XX:TieredStopAtLevel=1"));
        command.addAll(jvmArgs);
        command.add(mainClass.getName());
        for (Object arg : args) {
            command.add(arg.toString());
        }
        return new ChildProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    public long pid() {
        return process.pid();
    }

    /** The next line that it prints; null at the end. */
    public String readLine() throws IOException {
        return stdout.readLine();
    }

    /** What it reads next. */
    public void writeLine(String line) throws IOException {
        stdin.write(line);
        stdin.newLine();
        stdin.flush();
    }

    /** Halts it, or lets it go on: "STOP", "CONT". */
    public void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                .inheritIO()
                .start();
        int exitCode = kill.onExit().join().exitValue();
        if (exitCode != 0) {
            throw new IOException("signal was not sent: signal=" + name + ", pid=" + pid() + ", exitCode=" + exitCode);
        }
    }

    /** Ends it as kill -9 does, and waits until it is gone. */
    public void kill() {
        // Not by the process itself: that would also drop what it printed.
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        stdout.close();
    }
}
