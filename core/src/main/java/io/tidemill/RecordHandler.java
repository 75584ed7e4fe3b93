package io.tidemill;

/**
 * What a {@link RecordLoop} does with each record.
 *
 * @param <K> what keys are
 * @param <V> what values are
 */
@FunctionalInterface
public interface RecordHandler<K, V> {
    /**
     * Handles a record. When this returns, the record is done with and will be committed; when it throws, it is called with
     * the same record again, as {@link LoopSettings} say. The same record may come once more when the process died before
     * it was committed.
     *
     * @param record in offset order within each partition
     * @throws Exception whichever; an {@link Error} ends the loop
     */
    void handle(ConsumerRecord<K, V> record) throws Exception;
}
