package io.tidemill.consumer;

import io.tidemill.raw.RawConsumer.RecordHandler;
import io.tidemill.raw.RawConsumerSettings;
import io.tidemill.raw.RecordView;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a reader and a handler, and hands out views that know when their time is over. They are used in turn: an
 * object that was kept cannot be told from the one that is handed out again, and making a new one for each record is what the
 * raw tier is there to avoid.
 */
final class CheckedViews implements RecordHandler {
    private static final RecordHandler NO_HANDLER = record -> {};

    private final CheckedView[] views = new CheckedView[RawConsumerSettings.CHECKED_VIEWS];
    private int next;
    /** The one that a handler has; null when none has. */
    private @Nullable CheckedView current;

    private RecordHandler handler = NO_HANDLER;

    CheckedViews() {
        for (int i = 0; i < views.length; i++) {
            views[i] = new CheckedView();
        }
    }

    int poll(PartitionReader reader, RecordHandler to, int recordsMax) {
        // A handler may poll, and goes on with its own records then.
        release();
        RecordHandler outer = handler;
        handler = to;
        try {
            return reader.poll(this, recordsMax);
        } finally {
            handler = outer;
        }
    }

    @Override
    public void onRecord(RecordView record) {
        CheckedView view = views[next];
        next = (next + 1) % views.length;
        view.show(record);
        current = view;
        try {
            handler.onRecord(view);
        } finally {
            release();
        }
    }

    /** From now on the handler's view shows nothing any more. */
    void release() {
        if (current != null) {
            current.release();
            current = null;
        }
    }
}
