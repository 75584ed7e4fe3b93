package io.tidemill.metrics;

import io.tidemill.MetricsListener;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stands between the broker and the user's listener, so that what the listener throws costs the listener only. */
final class GuardedListener {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

    private final MetricsListener listener;
    private volatile boolean hasFailed;

    GuardedListener(MetricsListener listener) {
        this.listener = listener;
    }

    void tell(Consumer<MetricsListener> what) {
        if (hasFailed) {
            return;
        }
        try {
            what.accept(listener);
        } catch (Throwable e) {
            hasFailed = true;
            LOG.error("metrics listener failed, and is not called any more: listener={}", listener, e);
        }
    }
}
