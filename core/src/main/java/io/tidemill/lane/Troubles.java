package io.tidemill.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What does not work with a partition for now, and why. Each kind has one thread that
 * begins it; any thread reads. */
final class Troubles {
    /** What may not work. */
    enum Kind {
        APPEND("the last batch could not be appended"),
        FLUSH("the last flush failed, and what was appended may not survive a crash of the machine"),
        RETENTION("what need not be kept cannot be deleted"),
        COMPACTION("it cannot be compacted"),
        FOLLOWING("what the other broker appends cannot be read");

        private final String sentence;

        Kind(String sentence) {
            this.sentence = sentence;
        }
    }

    private static final Kind[] KINDS = Kind.values();

    private final AtomicReferenceArray<String> sentences = new AtomicReferenceArray<>(KINDS.length);

    void begin(Kind kind, Throwable reason) {
        sentences.set(kind.ordinal(), kind.sentence + ": reason=" + reason.getMessage());
    }

    /** Called after every batch: it costs a look as long as there is nothing. */
    void end(Kind kind) {
        if (has(kind)) {
            sentences.set(kind.ordinal(), null);
        }
    }

    boolean has(Kind kind) {
        return sentences.get(kind.ordinal()) != null;
    }

    List<String> sentences() {
        List<String> present = new ArrayList<>();
        for (int i = 0; i < KINDS.length; i++) {
            String sentence = sentences.get(i);
            if (sentence != null) {
                present.add(sentence);
            }
        }
        return present;
    }
}
