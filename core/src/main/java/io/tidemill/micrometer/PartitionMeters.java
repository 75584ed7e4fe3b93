package io.tidemill.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.tidemill.PartitionMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The meters of one partition. All but the timers read {@link PartitionMetrics} when somebody reads them. */
final class PartitionMeters {
    private static final String RECORDS = "records";

    private final MeterRegistry registry;
    private final Tags tags;
    /** Held here, because its meters alone would let go of it. */
    private final PartitionMetrics partition;

    private final List<Meter> meters = new ArrayList<>();
    private final Timer append;
    private final Timer flush;
    private final Timer blocked;

    PartitionMeters(MeterRegistry registry, Tags tags, PartitionMetrics partition) {
        this.registry = registry;
        this.tags = tags.and("topic", partition.topic(), "partition", Integer.toString(partition.partition()));
        this.partition = partition;
        append = timer("tidemill.append", "appending a batch, without a flush");
        flush = timer("tidemill.flush", "flushing the partition");
        blocked = timer("tidemill.send.blocked", "sends that waited for room in the ring");
        counter("tidemill.append.records", RECORDS, "appended records", PartitionMetrics::appendedRecords);
        counter("tidemill.append.bytes", BaseUnits.BYTES, "appended batches", PartitionMetrics::appendedBytes);
        counter("tidemill.append.failed", RECORDS, "accepted and then refused", PartitionMetrics::failedRecords);
        counter("tidemill.send.refused", RECORDS, "found no room in the ring", PartitionMetrics::refusedSends);
        counter("tidemill.read.records", RECORDS, "given to consumers", PartitionMetrics::readRecords);
        counter("tidemill.read.bytes", BaseUnits.BYTES, "given to consumers", PartitionMetrics::readBytes);
        counter("tidemill.log.rolls", BaseUnits.FILES, "files that were sealed", PartitionMetrics::rolls);
        counter("tidemill.log.deleted", BaseUnits.BYTES, "deleted for age or size", PartitionMetrics::deletedBytes);
        gauge("tidemill.log.size", BaseUnits.BYTES, "what the log holds", PartitionMeters::logBytes);
        gauge("tidemill.log.start.offset", RECORDS, "the first that is there", PartitionMetrics::startOffset);
        gauge("tidemill.log.end.offset", RECORDS, "behind the last that is there", PartitionMetrics::endOffset);
    }

    private static double logBytes(PartitionMetrics partition) {
        long bytes = partition.logBytes();
        return bytes == PartitionMetrics.UNKNOWN_BYTES ? Double.NaN : bytes;
    }

    private Timer timer(String name, String description) {
        Timer timer = Timer.builder(name).description(description).tags(tags).register(registry);
        meters.add(timer);
        return timer;
    }

    private void counter(String name, String unit, String description, ToDoubleFunction<PartitionMetrics> value) {
        meters.add(FunctionCounter.builder(name, partition, value)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry));
    }

    private void gauge(String name, String unit, String description, ToDoubleFunction<PartitionMetrics> value) {
        meters.add(Gauge.builder(name, partition, value)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry));
    }

    void onAppend(long tookNs) {
        append.record(tookNs, TimeUnit.NANOSECONDS);
    }

    void onFlush(long tookNs) {
        flush.record(tookNs, TimeUnit.NANOSECONDS);
    }

    void onBlock(long waitedNs) {
        blocked.record(waitedNs, TimeUnit.NANOSECONDS);
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
