package io.tidemill;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A header of a record. A record may have several of the same key, and their order is kept.
 *
 * @param key never null
 * @param value may be null, which is not the same as empty; not copied
 */
public record Header(String key, byte @Nullable [] value) {
    /** Validates. */
    public Header {
        Objects.requireNonNull(key, "key");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Header that && key.equals(that.key) && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Arrays.hashCode(value);
    }
}
