package io.tidemill.errors;

/** A member said how far it has read, and nothing was committed: it is no member any more, or the partition is not its own. */
public final class CommitFailedException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public CommitFailedException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
