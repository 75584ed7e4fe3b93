package io.tidemill.planted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Packages with a bug in them: some of their classes compiled anew, beside those that other tests use, and with them a simulation
 * that is in one of the packages. All their classes come from here, or the simulation would see those without the bug.
 */
public final class PatchedPackages extends ClassLoader {
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    /** One for all, which knows the libraries after the first. */
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private final Class<?> simulation;
    private final List<String> packages;
    private final Map<String, ByteArrayOutputStream> compiled = new HashMap<>();

    /**
     * @param simulation made from a seed, and started by a method {@code run()}
     * @param packages with all below them: that of the simulation, those of what is patched, and all through which it sees these
     */
    public PatchedPackages(Class<?> simulation, List<String> packages, List<Patch> patches) {
        super(simulation.getClassLoader());
        this.simulation = simulation;
        this.packages = List.copyOf(packages);
        Map<String, String> texts = new HashMap<>();
        for (Patch patch : patches) {
            String text = texts.computeIfAbsent(patch.className(), PatchedPackages::readSource);
            if (!text.contains(patch.text())) {
                throw new AssertionError("nothing to patch: " + patch);
            }
            texts.put(patch.className(), text.replace(patch.text(), patch.replacement()));
        }
        List<JavaFileObject> sources = new ArrayList<>();
        texts.forEach((name, text) -> sources.add(new Source(name, text)));
        compile(sources);
    }

    /** Of whichever module: Surefire and IDEs run a test in its module's directory, and the others are beside it. */
    private static String readSource(String className) {
        String file = "src/main/java/" + className.replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(Path.of("").toAbsolutePath().getParent())) {
            for (Path module : modules.toList()) {
                if (Files.exists(module.resolve(file))) {
                    return Files.readString(module.resolve(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("no module has the source of a class: className=" + className);
    }

    private void compile(List<JavaFileObject> sources) {
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"));
        if (!COMPILER.getTask(null, new InMemory(FILES), problems, options, null, sources)
                .call()) {
            throw new AssertionError("does not compile: " + problems.getDiagnostics());
        }
    }

    /** What the simulation says of that seed, or null if it finds nothing wrong. */
    public @Nullable Throwable failureOf(long seed) throws ReflectiveOperationException {
        Class<?> patched = loadClass(simulation.getName());
        Constructor<?> constructor = patched.getDeclaredConstructor(long.class);
        constructor.setAccessible(true);
        Method run = patched.getDeclaredMethod("run");
        run.setAccessible(true);
        try {
            run.invoke(constructor.newInstance(seed));
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (packages.stream().noneMatch(prefix -> name.startsWith(prefix + "."))) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        ByteArrayOutputStream patched = compiled.get(name);
        if (patched != null) {
            return defineClass(name, patched.toByteArray(), 0, patched.size());
        }
        try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = file.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        InMemory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    compiled.put(className, bytes);
                    return bytes;
                }
            };
        }
    }
}
