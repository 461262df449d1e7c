import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Two members share a topic of four partitions, then one of them leaves. */
final class GroupShare {
    static final int PARTITIONS = 4;
    private static final int ROUND = 400;
    private final String topic = Interop.topic("group");
    private final Member first;
    private Member second;
    private int rounds = 0;

    GroupShare(String... settings) {
        first = new Member(Interop.topic("share"), topic, settings);
    }

    void share(String... settings) throws Exception {
        Interop.await("the first member has all", () -> first.assignment().size() == PARTITIONS);
        second = new Member(Interop.topic("share"), topic, settings);
        awaitHalves(first, second);
        produceRound();
        Interop.await("all records arrive", () -> first.records.size() + second.records.size() >= ROUND);
        Interop.checkEqual(first.records.size(), ROUND / 2, "records of the first member");
        checkEachOnce();
    }

    void takeOver() throws Exception {
        Interop.check(
                second != null && second.assignment().size() == PARTITIONS / 2, "group-share did not get far enough");
        second.stop();
        Interop.await("the first member took over", () -> first.assignment().size() == PARTITIONS);
        produceRound();
        Interop.await("all records arrive", () -> first.records.size() + second.records.size() >= 2 * ROUND);
        checkEachOnce();
        first.stop();
    }

    static void awaitHalves(Member first, Member second) throws Exception {
        Interop.await("each has half", () -> {
            Set<TopicPartition> union = new HashSet<>(first.assignment());
            union.addAll(second.assignment());
            return union.size() == PARTITIONS
                    && first.assignment().size() == PARTITIONS / 2
                    && second.assignment().size() == PARTITIONS / 2;
        });
    }

    private void produceRound() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer()) {
            for (int i = 0; i < ROUND; i++)
                producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, Expected.utf8(rounds + "-" + i)));
            producer.flush();
        }
        rounds++;
    }

    private void checkEachOnce() {
        Set<String> seen = new HashSet<>();
        for (Member member : new Member[] {first, second})
            for (ConsumerRecord<byte[], byte[]> record : member.records)
                Interop.check(seen.add(new String(record.value())), "twice: " + new String(record.value()));
        Interop.checkEqual(seen.size(), rounds * ROUND, "distinct records");
    }
}
