import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** Finds a place by time and reads on from there. */
final class SeekTime {
    private static final int COUNT = 1000;
    private static final int STEP_MS = 10;

    private SeekTime() {}

    static void run() throws Exception {
        TopicPartition partition = new TopicPartition(Interop.topic("seek"), 0);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer("batch.size", "2000", "linger.ms", "1")) {
            for (int i = 0; i < COUNT; i++)
                producer.send(Api.record(
                        partition.topic(), 0, timeOf(i), null, Expected.utf8("seek-" + i), new ArrayList<>()));
        }
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer("group.id", Interop.topic("seek"))) {
            checkFound(consumer, partition, timeOf(0) - 1, 0);
            checkFound(consumer, partition, timeOf(500), 500);
            checkFound(consumer, partition, timeOf(500) + 1, 501);
            Interop.check(find(consumer, partition, timeOf(COUNT)) == null, "nothing is that young");
            consumer.assign(Collections.singletonList(partition));
            consumer.seek(partition, find(consumer, partition, timeOf(700)).offset());
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            Interop.await("records from there on", () -> {
                for (ConsumerRecord<byte[], byte[]> record : Api.poll(consumer, 200)) records.add(record);
                return records.size() >= COUNT - 700;
            });
            Interop.checkEqual(new String(records.get(0).value()), "seek-700", "first value");
            Interop.checkEqual(records.size(), COUNT - 700, "records from there on");
        }
    }

    private static long timeOf(int i) {
        return Interop.BASE_TIME_MS + (long) i * STEP_MS;
    }

    private static void checkFound(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long timeMs, int expected) {
        OffsetAndTimestamp found = find(consumer, partition, timeMs);
        Interop.checkEqual(found.offset(), (long) expected, "offset at " + timeMs);
        Interop.checkEqual(found.timestamp(), timeOf(expected), "timestamp at " + timeMs);
    }

    private static OffsetAndTimestamp find(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long timeMs) {
        return consumer.offsetsForTimes(Collections.singletonMap(partition, timeMs)).get(partition);
    }
}
