package io.tidemill.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemill.errors.JvmAccessException;
import io.tidemill.runtime.ChildJvm.Jdk;
import io.tidemill.runtime.ChildJvm.Result;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * X01: no JVM flag is needed; the library opens what it needs, says so once, can be told not to, and else names the flags.
 * Each test runs in JVMs of its own, on every JDK from 17 on that is found.
 */
final class JvmAccessTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String JDKS = "io.tidemill.runtime.ChildJvm#jdks";

    private static final String OFF = "-Dtidemill.jvm.access=off";
    private static final String DENY_UNSAFE = "--sun-misc-unsafe-memory-access=deny";
    private static final String AGRONA_FLAG = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
    private static final List<String> CHRONICLE_FLAGS = List.of(
            AGRONA_FLAG,
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");

    @ParameterizedTest
    @MethodSource(JDKS)
    void opensWhatAgronaNeedsAndSaysSoOnce(Jdk jdk) throws Exception {
        Result child = run(jdk, UsesAgrona.class);

        assertWorked(child);
        assertEquals(1, infoLines(child).size(), child::stderr);
        String line = infoLines(child).get(0);
        assertTrue(line.contains("jdk.internal.misc") && line.contains(OFF), line);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void opensWhatChronicleNeedsAndSaysSoOnce(Jdk jdk) throws Exception {
        Result child = run(jdk, NeedsChronicle.class);

        assertWorked(child);
        assertEquals(1, infoLines(child).size(), child::stderr);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void saysSoOnceWhenManyThreadsAsk(Jdk jdk) throws Exception {
        Result child = run(jdk, ManyThreads.class);

        assertWorked(child);
        assertEquals(1, infoLines(child).size(), child::stderr);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void loadsNoClassOfAgronaItself(Jdk jdk) throws Exception {
        Result child = run(jdk, NeedsAgrona.class, "-Xlog:class+load");

        assertWorked(child);
        assertTrue(child.stdout().contains(JvmAccess.class.getName()), "class loading is not in the log");
        assertFalse(child.stdout().contains(" org.agrona."));
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void opensToAgronasModuleOnTheModulePath(Jdk jdk) throws Exception {
        Path agrona = Path.of(UnsafeBuffer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        Result child = run(jdk, UsesAgrona.class, "--module-path=" + agrona, "--add-modules=org.agrona");

        assertWorked(child);
        assertEquals(1, infoLines(child).size(), child::stderr);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void isSilentAndNeedsNoLeaveWhenFlagsGiveAccess(Jdk jdk) throws Exception {
        Result child = run(jdk, UsesAgrona.class, AGRONA_FLAG, OFF);

        assertWorked(child);
        assertEquals(List.of(), infoLines(child));
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void isContentWithoutThePackageThatOnlySilencesChronicle(Jdk jdk) throws Exception {
        List<String> args = new ArrayList<>(CHRONICLE_FLAGS.subList(0, 3));
        args.add(OFF);

        Result child = run(jdk, NeedsChronicle.class, args.toArray(String[]::new));

        assertWorked(child);
        assertEquals(List.of(), infoLines(child));
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void namesTheFlagsWhenTurnedOff(Jdk jdk) throws Exception {
        Result agrona = run(jdk, UsesAgrona.class, OFF);
        Result chronicle = run(jdk, NeedsChronicle.class, OFF);

        assertRefusedWithFlags(jdk, agrona, List.of(AGRONA_FLAG));
        assertRefusedWithFlags(jdk, chronicle, CHRONICLE_FLAGS);
        assertTrue(agrona.stderr().contains("tidemill.jvm.access=off"), agrona::stderr);
        assertFalse(chronicle.stderr().contains("Chronicle cannot run at all"), chronicle::stderr);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void namesTheFlagsWhenUnsafeIsDenied(Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() >= 24, "older JVMs cannot deny it");

        Result agrona = run(jdk, UsesAgrona.class, DENY_UNSAFE);
        Result chronicle = run(jdk, NeedsChronicle.class, DENY_UNSAFE);

        assertRefusedWithFlags(jdk, agrona, List.of(AGRONA_FLAG));
        assertRefusedWithFlags(jdk, chronicle, CHRONICLE_FLAGS);
        assertFalse(agrona.stderr().contains("Chronicle"), agrona::stderr);
        assertTrue(chronicle.stderr().contains("Chronicle cannot run at all"), chronicle::stderr);
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void flagsSufficeForAgronaWhenUnsafeIsDenied(Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() >= 24, "older JVMs cannot deny it");

        Result child = run(jdk, UsesAgrona.class, DENY_UNSAFE, AGRONA_FLAG);

        assertWorked(child);
        assertEquals(List.of(), infoLines(child));
    }

    @ParameterizedTest
    @MethodSource(JDKS)
    void refusesAnUnknownPropertyValue(Jdk jdk) throws Exception {
        Result child = run(jdk, UsesAgrona.class, "-Dtidemill.jvm.access=maybe");

        assertNotEquals(0, child.exitCode());
        assertTrue(
                child.stderr()
                        .contains("IllegalArgumentException: tidemill.jvm.access must be open or off:"
                                + " tidemill.jvm.access=maybe"),
                child::stderr);
    }

    private static Result run(Jdk jdk, Class<?> mainClass, String... jvmArgs) throws Exception {
        return ChildJvm.run(jdk, mainClass, List.of(jvmArgs), TIMEOUT);
    }

    private static void assertWorked(Result child) {
        assertEquals(0, child.exitCode(), child::stderr);
        assertTrue(child.stdout().contains("done"), child::stderr);
    }

    private static void assertRefusedWithFlags(Jdk jdk, Result child, List<String> flags) {
        assertNotEquals(0, child.exitCode());
        String line = String.join(" ", flags);
        for (String expected : List.of(
                JvmAccessException.class.getName(),
                "java.version=" + jdk.feature(),
                "  command line or JDK_JAVA_OPTIONS: " + line + "\n",
                "  Maven Surefire: <argLine>" + line + "</argLine>",
                "  Gradle: jvmArgs(\"" + String.join("\", \"", flags) + "\")")) {
            assertTrue(child.stderr().contains(expected), () -> expected + " is not in: " + child.stderr());
        }
    }

    private static List<String> infoLines(Result child) {
        return child.stderr()
                .lines()
                .filter(line -> line.contains("INFO " + JvmAccess.class.getName()))
                .toList();
    }

    static final class UsesAgrona {
        public static void main(String[] args) {
            JvmAccess.ensureAgrona();
            JvmAccess.ensureAgrona();

            UnsafeBuffer memory =
                    new UnsafeBuffer(ByteBuffer.allocateDirect(1024 + RingBufferDescriptor.TRAILER_LENGTH));
            ManyToOneRingBuffer ring = new ManyToOneRingBuffer(memory);
            UnsafeBuffer record = new UnsafeBuffer(new byte[Long.BYTES]);
            record.putLong(0, 42);
            if (!ring.write(7, record, 0, Long.BYTES)) {
                throw new AssertionError("ring is full");
            }
            ring.read((type, buffer, index, length) -> {
                if (type == 7 && buffer.getLong(index) == 42) {
                    System.out.println("done");
                }
            });
        }
    }

    static final class NeedsAgrona {
        public static void main(String[] args) {
            JvmAccess.ensureAgrona();
            System.out.println("done");
        }
    }

    static final class ManyThreads {
        public static void main(String[] args) throws InterruptedException {
            CyclicBarrier start = new CyclicBarrier(8);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < start.getParties(); i++) {
                Thread thread = new Thread(() -> {
                    try {
                        start.await();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    JvmAccess.ensureAgrona();
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            System.out.println("done");
        }
    }

    /** Chronicle is not on core's class path; this one touches what it would touch. */
    static final class NeedsChronicle {
        public static void main(String[] args) throws ReflectiveOperationException {
            JvmAccess.ensureChronicle();
            JvmAccess.ensureChronicle();

            Class.forName("jdk.internal.misc.Unsafe").getMethod("getUnsafe").invoke(null);
            Class.forName("sun.nio.ch.DirectBuffer").getMethod("address").invoke(ByteBuffer.allocateDirect(8));
            java.lang.reflect.Method.class.getDeclaredMethod("getRoot").setAccessible(true);
            System.out.println("done");
        }
    }
}
