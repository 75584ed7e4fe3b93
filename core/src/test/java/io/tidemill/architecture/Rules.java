package io.tidemill.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the design that a compiler does not check. A module's test checks those that apply to it against {@link
 * #mainClasses()}. A rule whose left side selects no class fails, so that a renamed package does not silence it; only
 * the rule for pure cores may select none.
 */
public final class Rules {
    private static final String RUNTIME = "io.tidemill.runtime..";

    /** Their public types are what users compile against; every other package is internal. */
    private static final List<String> API_PACKAGES = List.of(
            "io.tidemill",
            "io.tidemill.spi",
            "io.tidemill.raw",
            "io.tidemill.json",
            "io.tidemill.errors",
            "io.tidemill.micrometer",
            "io.tidemill.log",
            "io.tidemill.groups",
            "io.tidemill.groups.jdbc",
            "io.tidemill.replication",
            "io.tidemill.testkit");

    private static final String FILES = "java\\.io\\.(File.*|RandomAccessFile)|java\\.nio\\.file\\..*"
            + "|java\\.nio\\.channels\\..*File.*|java\\.nio\\.MappedByteBuffer";

    private static final String SOCKETS = "java\\.net\\..*(Socket|Channel|URLConnection)|java\\.net\\.http\\..*"
            + "|java\\.nio\\.channels\\..*(Socket|Datagram|Network|Multicast|Selector|SelectionKey).*"
            + "|javax\\.net\\..*|io\\.aeron\\..*";

    /** Classes that start or park threads, tell the time or draw from chance, whichever of their members is used. */
    private static final String IMPURE = "java\\.util\\.(Timer|TimerTask|Random|SplittableRandom)"
            + "|java\\.util\\.concurrent\\.(Executors|ForkJoin.*|ThreadLocalRandom)"
            + "|java\\.util\\.concurrent\\.locks\\.LockSupport"
            + "|java\\.util\\.random\\.RandomGeneratorFactory|java\\.security\\.SecureRandom"
            + "|java\\.time\\.(Clock|InstantSource)"
            + "|org\\.agrona\\.concurrent\\.(AgentRunner|System.*Clock)";

    private Rules() {}

    /** The module's own classes without its tests; surefire and IDEs run a test in its module's directory. */
    public static JavaClasses mainClasses() {
        JavaClasses classes = new ClassFileImporter().importPath(Path.of("target", "classes"));
        if (classes.isEmpty()) {
            throw new AssertionError(
                    "no class seen: directory=" + Path.of("target", "classes").toAbsolutePath());
        }
        return classes;
    }

    public static ArchRule staysInPackage(String moduleRoot) {
        return classes().should().resideInAPackage(moduleRoot + "..");
    }

    public static ArchRule dependsOnlyOn(String... packages) {
        return classes().should().onlyDependOnClassesThat().resideInAnyPackage(packages);
    }

    public static ArchRule neverSees(String... packages) {
        return noClasses().should().dependOnClassesThat().resideInAnyPackage(packages);
    }

    public static ArchRule seesOnlyFrom(String library, String onlyPackage) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(onlyPackage)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    /** Naming the type Thread is allowed, as is handing on an interrupt: neither starts a thread nor makes one wait. */
    public static ArchRule threadsClocksAndChanceOnlyInRuntime() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(RUNTIME)
                .should()
                .dependOnClassesThat(
                        describe("start or park threads, tell the time or draw from chance", Rules::isImpure))
                .orShould()
                .beAssignableTo(Thread.class)
                .orShould()
                .accessTargetWhere(describe(
                        "it starts or parks threads, tells the time or draws from chance", access -> isImpure(access)))
                .because("whatever is not deterministic comes through a seam, or a seeded run is not repeatable");
    }

    public static ArchRule environmentOnlyIn(String onlyPackage) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(onlyPackage)
                .should()
                .accessTargetWhere(
                        describe("it reads or writes system properties or the environment", Rules::isEnvironment));
    }

    public static ArchRule noFiles() {
        return noClasses().should().dependOnClassesThat().haveNameMatching(FILES);
    }

    public static ArchRule noSockets() {
        return noClasses().should().dependOnClassesThat().haveNameMatching(SOCKETS);
    }

    public static ArchRule socketsOnlyIn(String onlyPackage) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(onlyPackage)
                .should()
                .dependOnClassesThat()
                .haveNameMatching(SOCKETS);
    }

    public static ArchRule pureCoresTouchNothing() {
        return noClasses()
                .that()
                .haveSimpleNameEndingWith("Core")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "java.io..",
                                "java.nio.file..",
                                "java.nio.channels..",
                                "java.net..",
                                "java.util.concurrent..",
                                "java.lang.invoke",
                                "org.slf4j..",
                                "net.openhft..",
                                "org.agrona.concurrent..")
                        .and(describe("are no buffer", type -> !type.getName().endsWith("Buffer"))))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .because("a pure core has no file, socket, logger or concurrency")
                // A module may have no pure core yet.
                .allowEmptyShould(true);
    }

    public static ArchRule logsWithSlf4jOnly() {
        return CompositeArchRule.of(GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS)
                .and(neverSees("java.util.logging.."));
    }

    public static ArchRule packagesAreNullMarked() {
        DescribedPredicate<JavaClass> inNullMarkedPackage = describe(
                "be in a @NullMarked package", type -> type.getPackage().isAnnotatedWith(NullMarked.class));
        return classes().should(ArchCondition.from(inNullMarkedPackage));
    }

    public static ArchRule apiHidesInternals() {
        return classes()
                .that()
                .resideInAnyPackage(API_PACKAGES.toArray(String[]::new))
                .should(new ExposeOnlyApiTypes(API_PACKAGES));
    }

    private static boolean isImpure(JavaClass type) {
        return type.getFullName().matches(IMPURE) || type.isAssignableTo(Executor.class);
    }

    private static boolean isImpure(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        String name = target.getName();
        return (isOwner(access, Thread.class) && !name.matches("currentThread|interrupt|interrupted|isInterrupted"))
                || isOwner(access, Date.class)
                || (isOwner(access, System.class) && name.matches("nanoTime|currentTimeMillis"))
                || (isOwner(access, Math.class) && name.equals("random"))
                || (isOwner(access, UUID.class) && name.equals("randomUUID"))
                || (isOwner(access, TimeUnit.class) && name.equals("sleep"))
                || (isOwner(access, RandomGenerator.class) && name.matches("of|getDefault"))
                || (target.getOwner().getPackageName().equals("java.time") && name.equals("now"))
                // They run in the common pool, or on the timer thread behind it.
                || (target.getOwner().isAssignableTo(CompletableFuture.class)
                        && name.matches(".*Async|orTimeout|completeOnTimeout|delayedExecutor"));
    }

    private static boolean isEnvironment(JavaAccess<?> access) {
        return access.getTargetOwner().getPackageName().equals("java.lang")
                && access.getTarget()
                        .getName()
                        .matches("[gs]etPropert(y|ies)|clearProperty|getenv|getInteger|getLong|getBoolean");
    }

    private static boolean isOwner(JavaAccess<?> access, Class<?> owner) {
        return access.getTargetOwner().isEquivalentTo(owner);
    }
}
