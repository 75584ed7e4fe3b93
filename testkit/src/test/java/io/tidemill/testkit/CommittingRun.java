package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.ConsumerRecord;
import io.tidemill.ConsumerSettings;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.groups.CommitPolicy;
import io.tidemill.groups.ConsumerGroup;
import io.tidemill.groups.GroupSettings;
import io.tidemill.log.ChronicleLog;
import java.nio.file.Path;
import java.time.Duration;

/** A process that reads one record after the other, and prints how far it has committed once that is acknowledged. */
final class CommittingRun {
    private CommittingRun() {}

    public static void main(String[] args) {
        try (Broker broker = Broker.open(ChronicleLog.at(Path.of(args[0])))) {
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
            GroupSettings settings = GroupSettings.defaults()
                    .withCommits(CommitPolicy.manual())
                    .withConsumer(ConsumerSettings.defaults().withMaxPollRecords(1));
            try (ConsumerGroup<String, String> member = ConsumerGroup.join(topic, "g", settings)) {
                while (true) {
                    for (ConsumerRecord<String, String> record : member.poll(Duration.ofSeconds(1))) {
                        member.commit();
                        System.out.println(record.offset() + 1);
                    }
                }
            }
        }
    }
}
