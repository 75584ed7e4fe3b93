package io.tidemill.runtime;

import static java.lang.invoke.MethodType.methodType;

import io.tidemill.errors.JvmAccessException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives Agrona and Chronicle the packages of {@code java.base} that they reach into, so that the host needs no JVM flags.
 *
 * <p>Call {@link #ensureAgrona()} or {@link #ensureChronicle()} before the first class of that library is initialised. Both
 * may be called by any thread and any number of times. Where flags or the application's manifest already give the access,
 * they do nothing. Where it is missing, they open it and say so in one INFO line, unless the system property
 * {@value #PROPERTY} is {@code off}. Where it stays missing, they throw a {@link JvmAccessException} that names the flags.
 *
 * <p>The way in is the JDK's trusted lookup, read through {@code sun.misc.Unsafe}. On JDK 24 and later that prints the JVM's
 * warning about Unsafe once, and {@code --sun-misc-unsafe-memory-access=deny} closes it.
 */
public final class JvmAccess {

    /** The system property that decides: {@code open}, which is the default, or {@code off}. */
    public static final String PROPERTY = "tidemill.jvm.access";

    private static final Logger LOG = LoggerFactory.getLogger(JvmAccess.class);
    private static final Module JAVA_BASE = Object.class.getModule();

    private JvmAccess() {}

    /**
     * Makes sure that Agrona can work in this JVM.
     *
     * @throws JvmAccessException if the access is missing and may not or cannot be opened
     * @throws IllegalArgumentException if it is missing and {@value #PROPERTY} is neither {@code open} nor {@code off}
     */
    public static void ensureAgrona() {
        ensure(Need.AGRONA);
    }

    /**
     * Makes sure that Chronicle can work in this JVM; covers what Agrona needs.
     *
     * @throws JvmAccessException if the access is missing and may not or cannot be opened
     * @throws IllegalArgumentException if it is missing and {@value #PROPERTY} is neither {@code open} nor {@code off}
     */
    public static void ensureChronicle() {
        ensure(Need.CHRONICLE);
    }

    private static void ensure(Need need) {
        if (!need.isMet()) {
            open(need);
        }
    }

    /** Runs once per need and JVM, so a lock is cheap; without it two threads could both say that they opened the same. */
    private static synchronized void open(Need need) {
        if (need.isMet()) {
            return;
        }
        if (!isOpeningAllowed()) {
            throw refusal(need, PROPERTY + "=off", null);
        }
        List<Grant> missing = need.missing();
        try {
            MethodHandles.Lookup trusted = trustedLookup();
            for (Grant grant : missing) {
                grant.give(trusted);
            }
        } catch (Throwable e) { // method handles declare no less
            throw refusal(need, "opening failed with " + e, e);
        }
        LOG.info(
                "opened java.base for {}: packages={} (instead of JVM flags; -D{}=off forbids it)",
                need.library,
                names(missing),
                PROPERTY);
    }

    private static boolean isOpeningAllowed() {
        String value = System.getProperty(PROPERTY, "open");
        return switch (value) {
            case "open" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(PROPERTY + " must be open or off: " + PROPERTY + "=" + value);
        };
    }

    /** By handles, because javac warns of any mention of Unsafe and that warning cannot be suppressed. */
    private static MethodHandles.Lookup trustedLookup() throws Throwable {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        Object unsafe = instance.get(null);
        Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Object base = lookup.findVirtual(type, "staticFieldBase", methodType(Object.class, Field.class))
                .invoke(unsafe, trusted);
        long offset = (long) lookup.findVirtual(type, "staticFieldOffset", methodType(long.class, Field.class))
                .invoke(unsafe, trusted);
        return (MethodHandles.Lookup)
                lookup.findVirtual(type, "getObject", methodType(Object.class, Object.class, long.class))
                        .invoke(unsafe, base, offset);
    }

    private static JvmAccessException refusal(Need need, String reason, @Nullable Throwable cause) {
        List<String> flags = need.grants.stream().map(Grant::flag).distinct().toList();
        String line = String.join(" ", flags);
        String message = """
                %s has no access to java.base: missing=%s, java.version=%s, %s. Start the JVM with these flags:
                  command line or JDK_JAVA_OPTIONS: %s
                  Maven Surefire: <argLine>%s</argLine>
                  Gradle: jvmArgs("%s")""".formatted(
                        need.library,
                        names(need.missing()),
                        System.getProperty("java.version"),
                        reason,
                        line,
                        line,
                        String.join("\", \"", flags));
        // Unsafe answers so, and only so, where its use is denied.
        boolean denied = cause instanceof UnsupportedOperationException;
        if (denied && need == Need.CHRONICLE) {
            message += "\nThey do not suffice here: Chronicle cannot run at all where sun.misc.Unsafe is denied"
                    + " (--sun-misc-unsafe-memory-access=deny).";
        }
        return new JvmAccessException(message, cause);
    }

    private static List<String> names(List<Grant> grants) {
        return grants.stream().map(Grant::packageName).distinct().toList();
    }

    private enum Need {
        AGRONA("Agrona", Grant.exports("jdk.internal.misc", "org.agrona")),
        CHRONICLE(
                "Chronicle",
                Grant.exports("jdk.internal.misc", "org.agrona"),
                Grant.exports("jdk.internal.misc", "chronicle.core"),
                Grant.opens("java.lang.reflect", "chronicle.core"),
                Grant.exports("sun.nio.ch", "chronicle.core"),
                // Without this one Chronicle works, and prints a warning.
                new Grant("jdk.internal.ref", "chronicle.core", false, false));

        private final String library;
        private final List<Grant> grants;

        Need(String library, Grant... grants) {
            this.library = library;
            this.grants = List.of(grants);
        }

        boolean isMet() {
            return missing().stream().noneMatch(Grant::vital);
        }

        List<Grant> missing() {
            return grants.stream().filter(grant -> !grant.isGiven()).toList();
        }
    }

    /** Access to one package; {@code readerName} is the module that reaches into it, if that is on the module path. */
    private record Grant(String packageName, String readerName, boolean deep, boolean vital) {

        static Grant exports(String packageName, String readerName) {
            return new Grant(packageName, readerName, false, true);
        }

        static Grant opens(String packageName, String readerName) {
            return new Grant(packageName, readerName, true, true);
        }

        boolean isGiven() {
            Module reader = reader();
            return deep ? JAVA_BASE.isOpen(packageName, reader) : JAVA_BASE.isExported(packageName, reader);
        }

        void give(MethodHandles.Lookup trusted) throws Throwable {
            Module reader = reader();
            String method = deep ? "implAddOpens" : "implAddExports";
            if (reader.isNamed()) {
                trusted.findVirtual(Module.class, method, methodType(void.class, String.class, Module.class))
                        .invoke(JAVA_BASE, packageName, reader);
            } else {
                trusted.findVirtual(Module.class, method + "ToAllUnnamed", methodType(void.class, String.class))
                        .invoke(JAVA_BASE, packageName);
            }
        }

        String flag() {
            Module reader = reader();
            return (deep ? "--add-opens" : "--add-exports") + "=java.base/" + packageName + "="
                    + (reader.isNamed() ? reader.getName() : "ALL-UNNAMED");
        }

        /** On the class path any unnamed module stands for all of them. */
        private Module reader() {
            return ModuleLayer.boot()
                    .findModule(readerName)
                    .orElseGet(() -> ClassLoader.getSystemClassLoader().getUnnamedModule());
        }
    }
}
