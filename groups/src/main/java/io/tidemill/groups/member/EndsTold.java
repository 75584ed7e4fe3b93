package io.tidemill.groups.member;

import io.tidemill.ConsumerSettings;
import io.tidemill.PartitionEof;
import io.tidemill.PartitionEofListener;
import org.jspecify.annotations.Nullable;

/** Notices that somebody was told of the end of a partition, which is what a poll without records may be over for. */
final class EndsTold {
    private final @Nullable PartitionEofListener listener;
    private boolean isTold;

    EndsTold(@Nullable PartitionEofListener listener) {
        this.listener = listener;
    }

    /** The same settings, noticed. */
    ConsumerSettings listenIn(ConsumerSettings settings) {
        return listener == null ? settings : settings.withPartitionEofListener(this::tell);
    }

    private void tell(PartitionEof eof) {
        isTold = true;
        if (listener != null) {
            listener.onPartitionEof(eof);
        }
    }

    /** Whether it was so since this was asked last. */
    boolean take() {
        boolean was = isTold;
        isTold = false;
        return was;
    }
}
