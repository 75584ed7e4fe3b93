package io.tidemill.replication.secret;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys from a secret, as RFC 5869 says, with HMAC-SHA256. */
final class Hkdf {
    static final int HASH_LENGTH = 32;

    private static final String HMAC = "HmacSHA256";

    private Hkdf() {}

    static byte[] extract(byte[] salt, byte[] secret) {
        return hmac(salt).doFinal(secret);
    }

    /** At most one block of the RFC's, which is all that is needed here. */
    static byte[] expand(byte[] key, byte[] info, int length) {
        if (length > HASH_LENGTH) {
            throw new IllegalArgumentException("length must be at most " + HASH_LENGTH + ": length=" + length);
        }
        Mac mac = hmac(key);
        mac.update(info);
        mac.update((byte) 1);
        return Arrays.copyOf(mac.doFinal(), length);
    }

    static Mac hmac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it: algorithm=" + HMAC, e);
        }
    }
}
