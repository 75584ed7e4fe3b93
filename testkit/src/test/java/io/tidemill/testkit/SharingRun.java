package io.tidemill.testkit;

import io.tidemill.Broker;
import io.tidemill.Serdes;
import io.tidemill.Topic;
import io.tidemill.groups.AcknowledgeType;
import io.tidemill.groups.ShareGroup;
import io.tidemill.groups.ShareGroupSettings;
import io.tidemill.groups.SharedRecord;
import io.tidemill.log.ChronicleLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A process that takes some records at a time, releases every third, and prints which it has accepted once that is committed. */
final class SharingRun {
    static final ShareGroupSettings SETTINGS = ShareGroupSettings.defaults()
            .withMaxPollRecords(5)
            .withRecordLocksMax(10_000)
            .withDeliveryCountLimit(1_000);

    private SharingRun() {}

    public static void main(String[] args) {
        try (Broker broker = Broker.open(ChronicleLog.at(Path.of(args[0])))) {
            Topic<String, String> topic = broker.topic("t", Serdes.string(), Serdes.string());
            try (ShareGroup<String, String> member = ShareGroup.join(topic, "g", SETTINGS)) {
                while (true) {
                    List<SharedRecord<String, String>> taken = member.poll(Duration.ofSeconds(1));
                    taken.forEach(record -> member.acknowledge(record, verdict(record)));
                    member.commit();
                    taken.stream()
                            .filter(record -> verdict(record) == AcknowledgeType.ACCEPT)
                            .forEach(record -> System.out.println(record.offset()));
                }
            }
        }
    }

    private static AcknowledgeType verdict(SharedRecord<String, String> record) {
        return record.offset() % 3 == 0 && record.deliveryCount() == 1
                ? AcknowledgeType.RELEASE
                : AcknowledgeType.ACCEPT;
    }
}
