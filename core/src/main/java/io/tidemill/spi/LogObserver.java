package io.tidemill.spi;

/** Is told by a log what it does by itself. It must be fast and call nothing of the log but what any thread may. */
public interface LogObserver {
    /** Of those who observe nothing. */
    LogObserver NONE = new LogObserver() {
        @Override
        public void onRollBegun() {}

        @Override
        public void onRolled(long endOffset, long bytes) {}

        @Override
        public void onDeleted(long startOffset, long bytes) {}
    };

    /** A file is going to be sealed, and another one begun. Writer's thread. */
    void onRollBegun();

    /**
     * It was done; when it failed, this is not called.
     *
     * @param endOffset where the sealed file ends, exclusive
     * @param bytes what it holds
     */
    void onRolled(long endOffset, long bytes);

    /**
     * What was oldest is not there any more. Any thread.
     *
     * @param startOffset of what is left
     * @param bytes what was deleted
     */
    void onDeleted(long startOffset, long bytes);
}
