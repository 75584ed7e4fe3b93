package io.tidemill.metadata;

import io.tidemill.TopicSetting;
import io.tidemill.TopicSettings;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;

/**
 * The event that a topic is so from now on: it was created, or changed.
 *
 * <pre>
 *   type = 1 | version = 0 | topic id | partitions (int32)
 *   | name (string) | number of settings (int32) | for each: name (string), value (string)
 * </pre>
 *
 * Settings go by Kafka's names and as text, so that new ones need no new version. Only what was set for the topic is there.
 */
public record TopicRecord(UUID id, String name, TopicSettings settings) implements MetadataEvent {
    static final short TYPE = 1;
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
        out.writeInt(settings.partitions());
        EventBytes.putString(out, name);
        Map<TopicSetting, String> values = settings.ofTopic();
        out.writeInt(values.size());
        for (Map.Entry<TopicSetting, String> entry : values.entrySet()) {
            EventBytes.putString(out, entry.getKey().key());
            EventBytes.putString(out, entry.getValue());
        }
    }

    static TopicRecord get(UUID id, ByteBuffer buffer) {
        TopicSettings settings = TopicSettings.partitions(buffer.getInt());
        String name = EventBytes.getString(buffer);
        for (int count = buffer.getInt(); count > 0; count--) {
            settings = settings.with(EventBytes.getString(buffer), EventBytes.getString(buffer));
        }
        return new TopicRecord(id, name, settings);
    }

    /** The same topic with other settings. */
    TopicRecord with(TopicSettings newSettings) {
        return new TopicRecord(id, name, newSettings);
    }
}
