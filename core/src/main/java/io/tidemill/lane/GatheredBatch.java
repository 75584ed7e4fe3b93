package io.tidemill.lane;

import io.tidemill.TimestampType;
import io.tidemill.TopicSettings;
import io.tidemill.batch.BatchBuilder;
import io.tidemill.codec.BatchCompressor;
import io.tidemill.ring.RunSink;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Records that a lane has gathered for one partition, and who wants to know what becomes of them. Whoever has it last tells
 * those, which also gives it back to where it came from. Owned by the lane thread.
 */
public final class GatheredBatch {
    private final SpareBatches home;
    private final BatchBuilder records = new BatchBuilder();
    private final SinkRuns sinks = new SinkRuns();
    /** Under which the first record came; null while there is none. */
    private @Nullable TopicSettings settings;

    private long expectedOffset = RunSink.ANY_OFFSET;
    private boolean awaitsReplicas;
    private boolean awaitsLeader;
    private boolean isHandedOver;

    GatheredBatch(SpareBatches home) {
        this.home = home;
    }

    void add(
            DirectBuffer buffer,
            int index,
            int runLength,
            int recordCount,
            @Nullable RunSink sink,
            TopicSettings settingsNow,
            long nowMs) {
        if (settings == null) {
            settings = settingsNow;
        }
        // The sink first: should the copy fail, and with it the lane, it still hears of it.
        addListener(sink, recordCount);
        records.add(buffer, index, runLength, nowMs);
    }

    /** Somebody who wants to hear of it without having a record in it. */
    void addListener(@Nullable RunSink sink) {
        addListener(sink, 0);
    }

    private void addListener(@Nullable RunSink sink, int recordCount) {
        if (sinks.add(sink, recordCount) && sink != null) {
            boolean awaitsAll = sink.awaitsReplicas();
            awaitsReplicas |= awaitsAll;
            awaitsLeader |= !awaitsAll;
        }
    }

    void expect(long offset) {
        expectedOffset = offset;
    }

    /** Which its first record must get, or nothing of it is appended; {@link RunSink#ANY_OFFSET} when any will do. */
    public long expectedOffset() {
        return expectedOffset;
    }

    /** Whether anyone wants to hear of it when all replicas in sync have it. */
    public boolean awaitsReplicas() {
        return awaitsReplicas;
    }

    /** Whether anyone wants to hear of it as soon as the leader has it. */
    public boolean awaitsLeader() {
        return awaitsLeader;
    }

    public int recordCount() {
        return records.recordCount();
    }

    /** How long it is by now, with its header. */
    public int length() {
        return records.length();
    }

    /** How many will be told, at most. */
    int answersOwed() {
        return sinks.size();
    }

    int capacityBytes() {
        return records.capacity();
    }

    /** Whether it came from there with this in force, or is empty. */
    boolean isUnder(TopicSettings settingsNow) {
        return settings == null || settings == settingsNow;
    }

    /** Its bytes as they are to be stored, from index 0 on; valid until the compressor compresses another one. */
    public DirectBuffer finish(long baseOffset, long nowMs, BatchCompressor compressor, TopicSettings settingsNow) {
        if (settings != null && settings.timestampType() == TimestampType.LOG_APPEND_TIME) {
            records.stampAll(nowMs);
        }
        records.finish(baseOffset);
        return compressor.compress(records.buffer(), settingsNow.compression());
    }

    /** All of it was appended, and can be read, unless nobody waits for that. */
    public void appended(long baseOffset, long appendTimeMs) {
        sinks.appended(baseOffset, appendTimeMs);
        giveBack();
    }

    /** Nothing of it was appended. */
    public void fail(RuntimeException cause) {
        sinks.failed(cause);
        giveBack();
    }

    /** Somebody else has it from now on. */
    void onHandedOver() {
        isHandedOver = true;
        home.onHandedOver(this);
    }

    private void giveBack() {
        if (isHandedOver) {
            isHandedOver = false;
            home.onAnswered(this);
        }
        records.clear();
        sinks.clear();
        settings = null;
        awaitsReplicas = false;
        awaitsLeader = false;
        expectedOffset = RunSink.ANY_OFFSET;
        home.give(this);
    }

    /** Gives its memory back. */
    void close() {
        records.close();
    }
}
