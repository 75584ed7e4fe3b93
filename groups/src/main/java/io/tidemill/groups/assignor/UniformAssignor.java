package io.tidemill.groups.assignor;

import io.tidemill.TopicPartition;
import io.tidemill.groups.Assignor;
import io.tidemill.groups.GroupMember;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same for everybody, with as few moves as that takes. */
public final class UniformAssignor implements Assignor {
    public static final UniformAssignor INSTANCE = new UniformAssignor();

    private UniformAssignor() {}

    @Override
    public Map<String, Set<TopicPartition>> assign(List<GroupMember> members, Map<String, Integer> partitions) {
        Shares shares = new Shares(members, partitions);
        shares.keepWhatCanStay();
        shares.giveWhatIsFree();
        shares.level();
        return shares.byName();
    }
}
