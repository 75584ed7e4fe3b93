package io.tidemill.replication.link;

import io.tidemill.replication.secret.Protection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
import javax.tools.Diagnostic;
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
 * The links with a bug in them: compiled anew from patched sources, and with them the same simulation, beside the classes that the
 * other tests use.
 */
final class PatchedLinks extends ClassLoader {
    private static final List<String> PACKAGES =
            List.of(PatchedLinks.class.getPackageName(), Protection.class.getPackageName());

    private final Map<String, ByteArrayOutputStream> compiled = new HashMap<>();

    PatchedLinks(PlantedBug bug) throws IOException {
        super(PatchedLinks.class.getClassLoader());
        Map<String, String> sources = readSources();
        for (PlantedBug.Change change : bug.changes()) {
            String source = sources.getOrDefault(change.className(), "");
            if (!source.contains(change.text())) {
                throw new AssertionError("nothing to plant it in: " + bug + ", text=" + change.text());
            }
            sources.put(change.className(), source.replace(change.text(), change.replacement()));
        }
        compile(sources);
    }

    /** By class; surefire and IDEs run a test in its module's directory. */
    private static Map<String, String> readSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String name : PACKAGES) {
            try (Stream<Path> files = Files.list(Path.of("src/main/java", name.split("\\.")))) {
                for (Path file : files.toList()) {
                    String className = file.getFileName().toString().replace(".java", "");
                    if (!className.equals("package-info")) {
                        sources.put(className, Files.readString(file));
                    }
                }
            }
        }
        return sources;
    }

    private void compile(Map<String, String> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new SourceText(name, text)));
        List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, null)) {
            JavaFileManager outputs = new KeepsClasses(files);
            if (!compiler.getTask(null, outputs, diagnostics, options, null, units)
                    .call()) {
                throw new AssertionError("does not compile: "
                        + diagnostics.getDiagnostics().stream()
                                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                                .toList());
            }
        }
    }

    /** What the simulation says of that seed, or null if it finds nothing wrong. */
    @Nullable
    Throwable failureOf(long seed) throws ReflectiveOperationException {
        Class<?> simulation = loadClass(LinkSimulation.class.getName());
        Constructor<?> constructor = simulation.getDeclaredConstructor(long.class);
        constructor.setAccessible(true);
        Method run = simulation.getDeclaredMethod("run");
        run.setAccessible(true);
        try {
            run.invoke(constructor.newInstance(seed));
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        }
    }

    /** Everything of these packages comes from here, or the simulation would see the links without the bug. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            boolean isOurs = PACKAGES.stream().anyMatch(prefix -> name.startsWith(prefix + "."));
            return isOurs ? define(name) : super.loadClass(name, resolve);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        ByteArrayOutputStream patched = compiled.get(name);
        byte[] bytes;
        try (InputStream original = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (patched == null && original == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = patched != null ? patched.toByteArray() : original.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private static final class SourceText extends SimpleJavaFileObject {
        private final String text;

        SourceText(String className, String text) {
            super(URI.create("string:///" + className + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private final class KeepsClasses extends ForwardingJavaFileManager<JavaFileManager> {
        KeepsClasses(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return compiled.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
