package io.tidemill.benchmarks;

import java.lang.management.ManagementFactory;

/** What the calling thread has used of a core. */
final class ThreadCpu {
    private ThreadCpu() {}

    static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
