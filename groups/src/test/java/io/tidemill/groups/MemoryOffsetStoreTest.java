package io.tidemill.groups;

import io.tidemill.TopicPartition;
import java.util.Map;

/** The contract is one that a map keeps, too. */
class MemoryOffsetStoreTest extends OffsetStoreContract {
    private final MemoryOffsetStore store = new MemoryOffsetStore();

    @Override
    protected OffsetStore store() {
        return store;
    }

    @Override
    protected void save(OffsetOwner owner, Map<TopicPartition, Long> nextOffsets) {
        store.save(owner, nextOffsets);
    }

    @Override
    protected void delete(String group) {
        store.delete(group);
    }
}
