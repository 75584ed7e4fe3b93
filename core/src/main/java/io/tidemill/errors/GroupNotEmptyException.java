package io.tidemill.errors;

/** What was asked for must not be done to a group that has members. */
public final class GroupNotEmptyException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public GroupNotEmptyException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
