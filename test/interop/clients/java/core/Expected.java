import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Record number i as every client of this suite writes it, whatever its language. */
final class Expected {
    static final int PARTITIONS = 3;

    private Expected() {}

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] key(int i) {
        return i % 10 == 0 ? null : utf8("key-" + i % 97);
    }

    static byte[] value(int i) {
        // Never together with a null key, as some clients refuse a record without both.
        if (i % 20 == 5) return null;
        char[] padding = new char[(i * 7) % 200];
        Arrays.fill(padding, 'x');
        return utf8("value-é-" + i + "-" + new String(padding));
    }

    static List<Header> headers(int i) {
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("i", utf8(Integer.toString(i))));
        if (i % 5 == 0) headers.add(new Header("empty", new byte[0]));
        return headers;
    }

    static ProducerRecord<byte[], byte[]> record(String topic, int i) {
        return Api.record(topic, i % PARTITIONS, Interop.BASE_TIME_MS + i, key(i), value(i), headers(i));
    }

    /**
     * Checks the record at one place of one partition. `format` is the message format in which it was
     * written: 0 has no timestamps, 1 has no headers, 2 has both; the reader's own release may know less.
     */
    static void check(ConsumerRecord<byte[], byte[]> record, int format) {
        int i = (int) record.offset() * PARTITIONS + record.partition();
        String where = record.topic() + "-" + record.partition() + "@" + record.offset();
        Interop.check(Arrays.equals(record.key(), key(i)), where + ": key differs");
        Interop.check(Arrays.equals(record.value(), value(i)), where + ": value differs");
        if (format >= 1 && Api.FORMAT >= 1)
            Interop.checkEqual(Api.timestamp(record), Interop.BASE_TIME_MS + i, where + ": timestamp");
        if (format >= 2 && Api.FORMAT >= 2)
            Interop.checkEqual(Api.headers(record).toString(), headers(i).toString(), where + ": headers");
    }
}
