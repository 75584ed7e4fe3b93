package io.tidemill.ring;

/** Waits for one run, and for nothing but that it is appended. */
public final class OneRun implements RunSink {
    @Override
    public boolean isForOneRun() {
        return true;
    }

    @Override
    public void onAppended(long baseOffset, int recordCount, long appendTimeMs) {}

    @Override
    public void onFailed(int recordCount, RuntimeException cause) {
        throw new AssertionError(cause);
    }
}
