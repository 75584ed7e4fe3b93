package io.tidemill.runtime;

import java.util.concurrent.ThreadFactory;

/** Threads that do not keep the host alive. */
public enum DaemonThreadFactory implements ThreadFactory {
    INSTANCE;

    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }
}
