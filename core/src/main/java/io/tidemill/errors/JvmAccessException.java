package io.tidemill.errors;

import org.jspecify.annotations.Nullable;

/**
 * The JVM denies access to packages of the JDK that Agrona or Chronicle need. The message names the missing packages and
 * the JVM flags that give them. A retry cannot help: flags take effect only when a JVM starts.
 */
public final class JvmAccessException extends TidemillException {

    private static final long serialVersionUID = 1L;

    /**
     * Tells what is missing and which flags give it.
     *
     * @param cause why the access could not be opened, or null if it was not tried
     */
    public JvmAccessException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
