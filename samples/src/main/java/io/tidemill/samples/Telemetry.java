package io.tidemill.samples;

import io.tidemill.Broker;
import io.tidemill.Consumer;
import io.tidemill.ConsumerRecord;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.TopicSettings;
import io.tidemill.errors.TidemillException;
import io.tidemill.log.ChronicleLog;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Ten vehicles send their readings to a topic of three partitions while a consumer counts them; then the broker is
 * closed, opened again, and everything is read once more. Checks its own result and exits with 1 where it is not right.
 *
 * <p>Takes the directory to keep the data in, which must not exist yet; without one it uses a temporary directory.
 */
public final class Telemetry {
    private static final int VEHICLES = 10;
    private static final int READINGS_PER_VEHICLE = 50_000;
    private static final long TOTAL = (long) VEHICLES * READINGS_PER_VEHICLE;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Telemetry() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 1) {
            System.err.println("usage: tidemill.jar [new directory for the data]");
            System.exit(2);
        }
        try {
            System.exit((args.length == 1 ? run(Path.of(args[0])) : runInTemporaryDirectory()) ? 0 : 1);
        } catch (TidemillException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static boolean runInTemporaryDirectory() throws Exception {
        Path temporary = Files.createTempDirectory("tidemill-telemetry");
        try {
            return run(temporary.resolve("data"));
        } finally {
            delete(temporary);
        }
    }

    private static boolean run(Path directory) throws Exception {
        if (Files.exists(directory)) {
            System.err.println("directory exists already: " + directory);
            return false;
        }
        Tally live = new Tally();
        long sentSpeedSum;
        long startedNs = System.nanoTime();
        try (Broker broker = Broker.open(ChronicleLog.at(directory))) {
            Topic<String, Reading> telemetry =
                    broker.topic("telemetry", Serdes.string(), Reading.SERDE, TopicSettings.partitions(3));
            sentSpeedSum = produceAndConsume(telemetry, live);
        }
        long liveMs = (System.nanoTime() - startedNs) / 1_000_000;

        Tally replayed = new Tally();
        try (Broker broker = Broker.open(ChronicleLog.at(directory))) {
            consume(broker.topic("telemetry", Serdes.string(), Reading.SERDE), replayed);
        }

        System.out.printf("sent      %,9d readings by %d vehicles in %,d ms%n", TOTAL, VEHICLES, liveMs);
        boolean liveOk = report("consumed", live, sentSpeedSum);
        boolean replayedOk = report("replayed", replayed, sentSpeedSum);
        System.out.println(liveOk && replayedOk ? "OK" : "FAILED");
        return liveOk && replayedOk;
    }

    /** Answers the sum of all speeds that were sent. */
    private static long produceAndConsume(Topic<String, Reading> telemetry, Tally tally)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(VEHICLES + 1);
        try {
            Future<?> consumer = threads.submit(() -> consume(telemetry, tally));
            List<Callable<Long>> drives = IntStream.range(0, VEHICLES)
                    .<Callable<Long>>mapToObj(vehicle -> () -> drive(telemetry, vehicle))
                    .toList();
            long speedSum = 0;
            for (Future<Long> drive : threads.invokeAll(drives)) {
                speedSum += drive.get();
            }
            consumer.get();
            return speedSum;
        } finally {
            threads.shutdownNow();
        }
    }

    private static long drive(Topic<String, Reading> telemetry, int vehicle) {
        SplittableRandom random = new SplittableRandom(vehicle);
        String key = "vehicle-" + vehicle;
        int speed = 50;
        long speedSum = 0;
        for (int sequence = 0; sequence < READINGS_PER_VEHICLE; sequence++) {
            speed = Math.max(0, Math.min(180, speed + random.nextInt(-5, 6)));
            telemetry.send(key, new Reading(sequence, speed, 70 + random.nextInt(40)));
            speedSum += speed;
        }
        return speedSum;
    }

    private static void consume(Topic<String, Reading> telemetry, Tally tally) {
        try (Consumer<String, Reading> consumer = telemetry.consumer()) {
            while (tally.count() < TOTAL) {
                List<ConsumerRecord<String, Reading>> records = consumer.poll(PATIENCE);
                if (records.isEmpty()) {
                    return;
                }
                records.forEach(tally::add);
            }
            consumer.poll(Duration.ZERO).forEach(tally::add);
        }
    }

    private static boolean report(String what, Tally tally, long sentSpeedSum) {
        boolean ok = tally.count() == TOTAL && tally.speedSum() == sentSpeedSum && tally.outOfOrder() == 0;
        System.out.printf(
                "%-9s %,9d readings, by partition %s, out of order %d, speeds %s%n",
                what,
                tally.count(),
                tally.countByPartition(),
                tally.outOfOrder(),
                tally.speedSum() == sentSpeedSum ? "equal" : "DIFFERENT");
        return ok;
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
