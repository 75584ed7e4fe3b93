package io.tidemill.replication.secret;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** How a cluster protects its frames: all of its brokers the same way, or they do not hear each other. */
public interface Protection {
    /**
     * By a secret, or by checksums alone where there is none, which is warned of.
     *
     * @param secret at least {@link SharedSecret#LENGTH_MIN} bytes, drawn at random; null for none
     */
    static Protection of(byte @Nullable [] secret) {
        if (secret != null) {
            return new SharedSecret(secret);
        }
        LoggerFactory.getLogger(Protection.class)
                .warn("cluster has no secret: whoever reaches its ports can read and forge what its brokers say");
        return new Checksums();
    }

    /** By how much a greeting grows at its end. */
    int greetingTrailerBytes();

    /**
     * Protects a greeting.
     *
     * @param frame begins with it, has room for the trailer, and is over an array
     * @param length without the trailer
     * @return its length with the trailer
     */
    int sealGreeting(UnsafeBuffer frame, int length);

    /**
     * Whether a greeting is as somebody of this cluster wrote it.
     *
     * @param length with the trailer
     */
    boolean isGenuineGreeting(DirectBuffer buffer, int index, int length);

    /** For a session that both sides have agreed on. */
    SessionSeal seal(SessionNonces nonces);
}
