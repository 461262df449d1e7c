import java.util.ArrayList;
import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** Steps of the admin client as of 3.x: offsets of partitions and groups, producers. */
final class OffsetAdmin {
    private OffsetAdmin() {}

    static void listOffsets(AdminClient admin) throws Exception {
        TopicPartition partition = new TopicPartition(Interop.topic("list-offsets"), 0);
        long[] ages = {0, 10, 20, 90, 30, 40};
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer()) {
            for (long age : ages)
                producer.send(Api.record(
                        partition.topic(), 0, Interop.BASE_TIME_MS + age, null, null, new ArrayList<>())).get();
        }
        check(admin, partition, OffsetSpec.earliest(), 0, -1);
        check(admin, partition, OffsetSpec.latest(), ages.length, -1);
        check(admin, partition, OffsetSpec.forTimestamp(Interop.BASE_TIME_MS + 15), 2, Interop.BASE_TIME_MS + 20);
        check(admin, partition, OffsetSpec.maxTimestamp(), 3, Interop.BASE_TIME_MS + 90);
        check(admin, partition, OffsetSpec.forTimestamp(Interop.BASE_TIME_MS + 91), -1, -1);
    }

    private static void check(
            AdminClient admin, TopicPartition partition, OffsetSpec spec, long offset, long timestampMs)
            throws Exception {
        ListOffsetsResultInfo found =
                admin.listOffsets(Collections.singletonMap(partition, spec)).partitionResult(partition).get();
        Interop.checkEqual(found.offset(), offset, spec.getClass().getSimpleName());
        Interop.checkEqual(found.timestamp(), timestampMs, spec.getClass().getSimpleName() + " timestamp");
    }

    static void describeProducers(AdminClient admin) throws Exception {
        TopicPartition partition = new TopicPartition(Interop.topic("idempotent"), 0);
        boolean found = false;
        for (ProducerState producer : admin.describeProducers(Collections.singleton(partition))
                .partitionResult(partition).get().activeProducers()) {
            Interop.check(producer.producerId() >= 0, "producer id " + producer.producerId());
            Interop.check(!producer.currentTransactionStartOffset().isPresent(), "no transaction is open");
            found |= producer.lastSequence() == 4999;
        }
        Interop.check(found, "no producer whose last sequence number is 4999");
    }

    static void alterGroupOffsets(GroupAdmin groups) throws Exception {
        groups.admin().alterConsumerGroupOffsets(
                groups.group(), Collections.singletonMap(groups.partition(), new OffsetAndMetadata(3, "moved")))
                .all().get();
        OffsetAndMetadata moved = groups.offsets().get(groups.partition());
        Interop.checkEqual(moved.offset(), 3L, "moved offset");
        Interop.checkEqual(moved.metadata(), "moved", "metadata");
    }
}
