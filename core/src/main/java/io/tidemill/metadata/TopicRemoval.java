package io.tidemill.metadata;

import java.io.DataOutputStream;
import java.util.UUID;

/**
 * The event that a topic is gone.
 *
 * <pre>
 *   type = 2 | version = 0 | topic id
 * </pre>
 */
public record TopicRemoval(UUID id) implements MetadataEvent {
    static final short TYPE = 2;
    static final short VERSION = 0;

    @Override
    public short type() {
        return TYPE;
    }

    @Override
    public short version() {
        return VERSION;
    }

    @Override
    public void put(DataOutputStream out) {
        // the id says it
    }
}
