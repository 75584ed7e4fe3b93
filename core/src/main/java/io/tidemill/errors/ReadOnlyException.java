package io.tidemill.errors;

/**
 * Something was to be written through a broker that was opened to read only. No retry helps: whoever wants to write opens the
 * storage for writing, once its present writer has closed it.
 */
public final class ReadOnlyException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public ReadOnlyException(String message) {
        super(message);
    }
}
