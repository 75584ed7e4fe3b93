package io.tidemill.spi;

import java.util.Set;

/** A store over another one, of which a test overrides what it wants otherwise. */
public abstract class ForwardingStore implements LogStore {
    protected final LogStore store;

    protected ForwardingStore(LogStore store) {
        this.store = store;
    }

    @Override
    public PartitionLog openLog(String name, LogSettings settings) {
        return store.openLog(name, settings);
    }

    @Override
    public Set<String> logNames() {
        return store.logNames();
    }

    @Override
    public void deleteLog(String name) {
        store.deleteLog(name);
    }

    @Override
    public StateFile stateFile(String name) {
        return store.stateFile(name);
    }

    @Override
    public boolean isReadOnly() {
        return store.isReadOnly();
    }

    @Override
    public boolean mayHaveLostTails() {
        return store.mayHaveLostTails();
    }

    @Override
    public void close() {
        store.close();
    }
}
