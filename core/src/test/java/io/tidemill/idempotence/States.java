package io.tidemill.idempotence;

import java.util.ArrayList;
import java.util.List;

/** What states know and say, as the model does. */
final class States {
    private States() {}

    static String text(ProducerStates states) {
        StringBuilder text = new StringBuilder();
        states.forEach(producer -> {
            List<String> batches = new ArrayList<>();
            for (int i = 0; i < producer.batchCount(); i++) {
                batches.add(producer.baseOffset(i) + "@" + producer.timestamp(i) + ":" + producer.baseSequence(i) + "+"
                        + producer.recordCount(i));
            }
            text.append(producer.id())
                    .append('/')
                    .append(producer.epoch())
                    .append(" seen ")
                    .append(producer.seenMs())
                    .append(' ')
                    .append(batches)
                    .append('\n');
        });
        return text.toString();
    }

    static String check(ProducerStates states, long producerId, int epoch, int baseSequence, int recordCount) {
        return switch (states.check(producerId, (short) epoch, baseSequence, recordCount)) {
            case NEXT -> "NEXT";
            case FENCED -> "FENCED by " + states.currentEpoch();
            case OUT_OF_ORDER -> "OUT_OF_ORDER, not " + states.expectedSequence();
            case DUPLICATE -> "DUPLICATE of " + states.originalBaseOffset() + "@" + states.originalTimestamp();
        };
    }
}
