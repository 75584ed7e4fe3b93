package io.tidemill.errors;

/** There is no such group. */
public final class GroupIdNotFoundException extends TidemillException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the fact and its values
     */
    public GroupIdNotFoundException(String message) {
        super(message, null);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
