import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Steps about a consumer's own offsets: committing, resuming, and the bounds of a partition. */
final class Offsets {
    static final int COUNT = 1000;
    static final int HALF = COUNT / 2;

    private Offsets() {}

    static void commitResume() throws Exception {
        String topic = Interop.topic("commit");
        TopicPartition partition = new TopicPartition(topic, 0);
        RoundTrip.produceValues(topic, RoundTrip.numbered("commit", COUNT));
        try (KafkaConsumer<byte[], byte[]> consumer = joined(topic)) {
            take(consumer, HALF);
            consumer.commitSync(Collections.singletonMap(partition, new OffsetAndMetadata(HALF, "half-way")));
        }
        try (KafkaConsumer<byte[], byte[]> consumer = joined(topic)) {
            OffsetAndMetadata committed = Api.committed(consumer, partition);
            Interop.checkEqual(committed.offset(), (long) HALF, "committed offset");
            Interop.checkEqual(committed.metadata(), "half-way", "metadata of the commit");
            List<ConsumerRecord<byte[], byte[]>> rest = take(consumer, COUNT - HALF);
            Interop.checkEqual(rest.get(0).offset(), (long) HALF, "first offset after resuming");
            Interop.checkEqual(new String(rest.get(0).value()), "commit-" + HALF, "first value after resuming");
            consumer.commitSync();
            Interop.checkEqual(Api.committed(consumer, partition).offset(), (long) COUNT, "committed at the end");
        }
    }

    private static KafkaConsumer<byte[], byte[]> joined(String topic) {
        KafkaConsumer<byte[], byte[]> consumer = Clients.consumer("group.id", Interop.topic("commit"));
        consumer.subscribe(Arrays.asList(topic));
        return consumer;
    }

    private static List<ConsumerRecord<byte[], byte[]>> take(KafkaConsumer<byte[], byte[]> consumer, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.currentTimeMillis() + Interop.WAIT_MS;
        while (records.size() < count) {
            Interop.check(
                    System.currentTimeMillis() < deadline, "only " + records.size() + " of " + count + " records came");
            for (ConsumerRecord<byte[], byte[]> record : Api.poll(consumer, 200)) records.add(record);
        }
        return records;
    }

    static void bounds() throws Exception {
        String topic = Interop.topic("bounds");
        RoundTrip.produceValues(topic, RoundTrip.numbered("bounds", 25));
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer("group.id", Interop.topic("bounds"))) {
            long[] bounds = Api.bounds(consumer, new TopicPartition(topic, 0));
            Interop.checkEqual(bounds[0], 0L, "earliest offset");
            Interop.checkEqual(bounds[1], 25L, "latest offset");
        }
    }
}
