package io.tidemill.replication.replica;

/** What became of a batch at the leader. */
enum AppendCode {
    /** It is there, now or since earlier. */
    APPENDED,
    /** Nothing was appended: another broker leads, or none. */
    NOT_LEADER,
    /** Nothing was appended: what the same producer sent before is missing. */
    OUT_OF_ORDER,
    /** Nothing was appended: the producer has a newer epoch. */
    FENCED,
    /** Nothing was appended: too few replicas are in sync. */
    NOT_ENOUGH_REPLICAS,
    /** Nothing was appended: the log ends elsewhere. */
    OFFSET_MISMATCH,
    /** Nothing was appended: the leader's disk did not take it. */
    NOT_STORED,
    /** It was appended, and may be gone when the machine crashes. */
    NOT_FLUSHED;

    private static final AppendCode[] ALL = values();

    static AppendCode of(int code) {
        return ALL[code];
    }
}
