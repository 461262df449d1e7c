import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Steps that write records and read them back: codecs, acks, topics made on first use. */
final class RoundTrip {
    private RoundTrip() {}

    static void run(String codec) throws Exception {
        String topic = Interop.topic("roundtrip." + codec);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer("compression.type", codec, "linger.ms", "5", "batch.size", "32768")) {
            for (int i = 0; i < Interop.RECORDS; i++) sent.add(producer.send(Expected.record(topic, i)));
            producer.flush();
        }
        for (int i = 0; i < sent.size(); i++)
            Interop.checkEqual(sent.get(i).get().offset(), (long) (i / Expected.PARTITIONS), "offset of record " + i);
        verify(topic, Api.FORMAT);
    }

    /** Reads a whole round-trip topic and checks content, order within each partition, and count. */
    static void verify(String topic, int format) throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int p = 0; p < Expected.PARTITIONS; p++) partitions.add(new TopicPartition(topic, p));
        Map<Integer, Long> next = new HashMap<>();
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : readAll(partitions, Interop.RECORDS)) {
            long expected = next.getOrDefault(record.partition(), 0L);
            Interop.checkEqual(record.offset(), expected, topic + "-" + record.partition() + ": next offset");
            next.put(record.partition(), expected + 1);
            Expected.check(record, format);
            count++;
        }
        Interop.checkEqual(count, Interop.RECORDS, topic + ": records");
    }

    static List<ConsumerRecord<byte[], byte[]>> readAll(List<TopicPartition> partitions, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        // Closing waits for the fetch under way, which at the end of the topic waits for more.
        try (KafkaConsumer<byte[], byte[]> consumer =
                Clients.consumer("group.id", Interop.topic("reader"), "fetch.max.wait.ms", "50")) {
            consumer.assign(partitions);
            Api.seekToBeginning(consumer, partitions);
            long deadline = System.currentTimeMillis() + Interop.WAIT_MS;
            while (records.size() < count && System.currentTimeMillis() < deadline)
                for (ConsumerRecord<byte[], byte[]> record : Api.poll(consumer, 200)) records.add(record);
            // Whatever should not be there would come now.
            for (ConsumerRecord<byte[], byte[]> record : Api.poll(consumer, 50)) records.add(record);
        }
        return records;
    }

    static List<String> readValues(String topic, int count) {
        List<String> values = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : readAll(Arrays.asList(new TopicPartition(topic, 0)), count))
            values.add(new String(record.value()));
        return values;
    }

    static void produceValues(String topic, List<String> values, String... settings) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(settings)) {
            for (String value : values) sent.add(producer.send(new ProducerRecord<>(topic, 0, null, Expected.utf8(value))));
            for (Future<RecordMetadata> future : sent) future.get();
        }
    }

    static List<String> numbered(String prefix, int count) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) values.add(prefix + "-" + i);
        return values;
    }

    static void acks() throws Exception {
        String topic = Interop.topic("acks");
        List<String> all = new ArrayList<>();
        for (String acks : new String[] {"0", "1", "all"}) {
            List<String> values = numbered("acks-" + acks, 100);
            produceValues(topic, values, Api.withoutIdempotence("acks", acks));
            all.addAll(values);
        }
        Interop.checkEqual(readValues(topic, all.size()), all, "values in order");
    }

    static void autoCreate() throws Exception {
        String topic = Interop.topic("auto");
        produceValues(topic, numbered("auto", 10));
        Interop.checkEqual(readValues(topic, 10), numbered("auto", 10), "values");
    }

    static void crossRead() throws Exception {
        // TOPIC=FORMAT, separated by commas.
        for (String written : System.getenv("INTEROP_TOPICS").split(",")) {
            String[] parts = written.split("=");
            verify(parts[0], Integer.parseInt(parts[1]));
        }
    }
}
