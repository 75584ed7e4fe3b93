package io.tidemill.replication.replica;

/**
 * What became of a batch.
 *
 * @param producerId whose it was, with the epoch and the sequence of its first record
 * @param baseOffset where it is; meaningless when it was not appended
 * @param detail the time of its newest record when it was appended; where the log ends when it does so elsewhere
 */
record AppendAnswer(
        long producerId, short producerEpoch, int baseSequence, AppendCode code, long baseOffset, long detail) {}
