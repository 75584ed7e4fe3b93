package io.tidemill.groups.local;

import io.tidemill.ProducerRecord;
import io.tidemill.TopicPartition;
import io.tidemill.broker.HostBroker;
import io.tidemill.groups.coordinator.GroupEvent;
import io.tidemill.groups.coordinator.GroupEvent.Committed;
import io.tidemill.groups.coordinator.GroupEventLayout;
import io.tidemill.groups.coordinator.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** By the only broker that writes the groups' log: one question rests on the one before, written or not ({@link Decisions}). */
final class SoleAnswering implements Answering {
    private final HostBroker broker;
    private final GroupTable table;
    private final EventLog log;
    private final Decisions decisions;
    private final Expiry expiry;

    SoleAnswering(HostBroker broker, GroupTable table, String topic) {
        this.broker = broker;
        this.table = table;
        this.log = new EventLog(broker, topic);
        this.decisions = new Decisions(broker, log, this::replay);
        this.expiry = new Expiry(broker.clock(), table);
        decisions.readAgain();
    }

    /** Makes the groups what the log says. */
    private void replay() {
        Map<String, LocalGroup> read = new TreeMap<>();
        WrittenGroups written = new WrittenGroups();
        log.replay((offset, key, value) ->
                written.onWritten(GroupEventLayout.group(key), GroupEventLayout.event(key, value)));
        for (String name : written.names()) {
            read.put(name, written.group(name));
        }
        Moment moment = table.moment();
        for (LocalGroup group : read.values()) {
            group.core().onReplayed(moment.nowNs());
            group.follow(table.home(group.name()));
            if (!broker.isReadOnly()) {
                List<GroupEvent> events = new ArrayList<>();
                group.expelStrangers(moment, events);
                append(group.name(), events);
            }
        }
        table.become(read);
        table.all().forEach(table::settle);
        table.callEverybody();
    }

    private CompletableFuture<?> append(String group, List<GroupEvent> events) {
        return log.append(events.stream()
                .map(event -> GroupEventLayout.record(group, event))
                .toList());
    }

    /** Of commits the last one of a partition is enough. */
    private CompletableFuture<?> appendSoon(String group, List<GroupEvent> commits) {
        Map<Object, Supplier<ProducerRecord<byte[], byte[]>>> records = new HashMap<>();
        long bytes = 0;
        for (GroupEvent event : commits) {
            bytes += GroupEventLayout.bytesMax(group, (Committed) event);
            records.put(
                    new Commitment(group, ((Committed) event).partition()),
                    () -> GroupEventLayout.record(group, event));
        }
        return log.appendSoon(records, bytes, decisions::flushSoon);
    }

    /** What a commit is about. */
    private record Commitment(String group, TopicPartition partition) {}

    @Override
    public <T> T request(Question<T> question) {
        return decisions.request(asked(question), events -> append(question.group(), events));
    }

    /** What is early is the whole answer, if it is not null. */
    @Override
    public <T> Answer<T> ask(Question<T> question) {
        broker.callerWait().requireOpen();
        return decisions.decide(asked(question), events -> appendSoon(question.group(), events), Answer::new);
    }

    private <T> Function<List<GroupEvent>, T> asked(Question<T> question) {
        return events -> {
            expireWhenDue();
            LocalGroup home = table.home(question.group());
            try {
                T answer = question.body().apply(home, events);
                table.announce(home, question.memberId(), events);
                return answer;
            } finally {
                table.settle(home);
            }
        };
    }

    private void expireWhenDue() {
        if (expiry.isDue() && !broker.isReadOnly()) {
            expiry.begin();
            for (LocalGroup group : table.all()) {
                List<GroupEvent> events = new ArrayList<>();
                expiry.expire(group, events);
                table.announce(group, null, events);
                append(group.name(), events);
                table.settle(group);
            }
        }
    }

    @Override
    public int doWork() {
        return 0;
    }

    @Override
    public long idleNsMax() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onBrokerClosing(Duration patience) {
        // Who was a member is found to be none when the log is read again.
    }

    @Override
    public void onBrokerClosed() {
        // The log tells them.
    }
}
