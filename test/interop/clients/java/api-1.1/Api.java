import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The calls that changed between releases, as 1.1 has them: timestamps and headers. */
final class Api {
    static final int FORMAT = 2;

    private Api() {}

    static ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer, long waitMs) {
        return consumer.poll(waitMs);
    }

    static void seekToBeginning(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        consumer.seekToBeginning(partitions);
    }

    static OffsetAndMetadata committed(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        return consumer.committed(partition);
    }

    static long[] bounds(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        List<TopicPartition> one = Collections.singletonList(partition);
        return new long[] {consumer.beginningOffsets(one).get(partition), consumer.endOffsets(one).get(partition)};
    }

    static ProducerRecord<byte[], byte[]> record(
            String topic, int partition, long timestampMs, byte[] key, byte[] value, List<Header> headers) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, timestampMs, key, value);
        for (Header header : headers) record.headers().add(header.name, header.value);
        return record;
    }

    static long timestamp(ConsumerRecord<byte[], byte[]> record) {
        return record.timestamp();
    }

    static List<Header> headers(ConsumerRecord<byte[], byte[]> record) {
        List<Header> headers = new ArrayList<>();
        for (org.apache.kafka.common.header.Header header : record.headers())
            headers.add(new Header(header.key(), header.value()));
        return headers;
    }

    /** Settings for a producer that may use any acks: idempotence allows only acks=all. */
    static String[] withoutIdempotence(String... settings) {
        return Clients.concat(settings, "enable.idempotence", "false");
    }
}
