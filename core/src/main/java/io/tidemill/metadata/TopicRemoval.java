package io.tidemill.metadata;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The event that a topic is gone.
 *
 * <pre>
 *   type = 2 | version = 0 | topic id (2 × int64)
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
    public void put(DataOutputStream out) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    static TopicRemoval get(ByteBuffer buffer) {
        return new TopicRemoval(new UUID(buffer.getLong(), buffer.getLong()));
    }
}
