package io.tidemill.metrics;

/** What happened to a partition since the broker was opened. Each word has its writers; any thread reads. */
public final class PartitionCounters {
    private final Counter appendedBatches = new Counter();
    private final Counter appendedRecords = new Counter();
    private final Counter appendedBytes = new Counter();
    private final Counter failedRecords = new Counter();
    private final Counter flushes = new Counter();
    private final Counter rolls = new Counter();
    private final Counter deletedBytes = new Counter();
    private final Counter blockedSends = new Counter();
    private final Counter refusedSends = new Counter();
    private final Counter readRecords = new Counter();
    private final Counter readBytes = new Counter();

    /** Lane thread. */
    void onAppended(int records, int bytes) {
        appendedBatches.addAlone(1);
        appendedRecords.addAlone(records);
        appendedBytes.addAlone(bytes);
    }

    /** Lane thread. */
    void onFailed(int records) {
        failedRecords.addAlone(records);
    }

    /** Lane thread. */
    void onFlushed() {
        flushes.addAlone(1);
    }

    /** Lane thread. */
    void onRolled() {
        rolls.addAlone(1);
    }

    /** Any thread. */
    void onDeleted(long bytes) {
        deletedBytes.add(bytes);
    }

    /** Any thread. */
    void onBlocked(boolean isRefused) {
        blockedSends.add(1);
        refusedSends.add(isRefused ? 1 : 0);
    }

    /** Any thread. */
    void onRead(int records, int bytes) {
        readRecords.add(records);
        readBytes.add(bytes);
    }

    public long appendedBatches() {
        return appendedBatches.sumAcquire();
    }

    public long appendedRecords() {
        return appendedRecords.sumAcquire();
    }

    public long appendedBytes() {
        return appendedBytes.sumAcquire();
    }

    public long failedRecords() {
        return failedRecords.sumAcquire();
    }

    public long flushes() {
        return flushes.sumAcquire();
    }

    public long rolls() {
        return rolls.sumAcquire();
    }

    public long deletedBytes() {
        return deletedBytes.sumAcquire();
    }

    public long blockedSends() {
        return blockedSends.sumAcquire();
    }

    public long refusedSends() {
        return refusedSends.sumAcquire();
    }

    public long readRecords() {
        return readRecords.sumAcquire();
    }

    public long readBytes() {
        return readBytes.sumAcquire();
    }
}
