import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** What message format 2 brought: record headers and idempotent producers. */
final class Modern {
    private Modern() {}

    static void headers() throws Exception {
        String topic = Interop.topic("headers");
        List<Header> rich = Arrays.asList(
                new Header("a", Expected.utf8("1")),
                new Header("a", Expected.utf8("2")),
                new Header("b", new byte[0]),
                new Header("c", null),
                new Header("bin", new byte[] {0, (byte) 0xff, (byte) 0x80}));
        List<Header> one = Arrays.asList(new Header("only", Expected.utf8("é")));
        long now = Interop.BASE_TIME_MS;
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer()) {
            producer.send(Api.record(topic, 0, now, Expected.utf8("k"), Expected.utf8("v"), rich)).get();
            producer.send(Api.record(topic, 0, now, new byte[0], new byte[0], new ArrayList<>())).get();
            producer.send(Api.record(topic, 0, now, null, null, one)).get();
        }
        List<ConsumerRecord<byte[], byte[]>> records =
                RoundTrip.readAll(Collections.singletonList(new TopicPartition(topic, 0)), 3);
        Interop.checkEqual(records.size(), 3, "records");
        Interop.checkEqual(Api.headers(records.get(0)).toString(), rich.toString(), "headers of the first");
        Interop.checkEqual(records.get(1).key().length + records.get(1).value().length, 0, "empty key and value");
        Interop.check(Api.headers(records.get(1)).isEmpty(), "second has no headers");
        Interop.check(records.get(2).key() == null && records.get(2).value() == null, "third is null");
        Interop.checkEqual(Api.headers(records.get(2)).toString(), one.toString(), "headers of the third");
    }

    static void idempotent() throws Exception {
        String topic = Interop.topic("idempotent");
        List<String> values = RoundTrip.numbered("once", 5000);
        // Small batches, so that many are in flight and a sequence number goes wrong if any can.
        RoundTrip.produceValues(topic, values, "enable.idempotence", "true", "batch.size", "500", "linger.ms", "0");
        Interop.checkEqual(RoundTrip.readValues(topic, values.size()), values, "values in order");
    }
}
