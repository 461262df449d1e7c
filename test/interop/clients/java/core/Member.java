import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** A member of a consumer group on a thread of its own, as joining blocks until all members take part. */
final class Member implements ConsumerRebalanceListener {
    final Queue<ConsumerRecord<byte[], byte[]>> records = new ConcurrentLinkedQueue<>();
    final AtomicInteger rebalances = new AtomicInteger();
    final AtomicInteger revoked = new AtomicInteger();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private volatile Set<TopicPartition> assignment = new HashSet<>();
    private volatile Throwable failure;

    Member(String group, String topic, String... settings) {
        consumer = Clients.consumer(Clients.concat(
                new String[] {
                    "group.id", group,
                    "enable.auto.commit", "true",
                    "session.timeout.ms", "10000",
                    "heartbeat.interval.ms", "500",
                },
                settings));
        consumer.subscribe(Arrays.asList(topic), this);
        thread = new Thread(this::loop, "member of " + group);
        thread.setDaemon(true);
        thread.start();
    }

    private void loop() {
        try {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : Api.poll(consumer, 100)) records.add(record);
                assignment = new HashSet<>(consumer.assignment());
            }
        } catch (WakeupException stopped) {
            // The way out of stop().
        } catch (Throwable error) {
            failure = error;
        } finally {
            consumer.close();
        }
    }

    Set<TopicPartition> assignment() {
        if (failure != null) throw new AssertionError("member failed: " + failure, failure);
        return assignment;
    }

    /** Commits, leaves the group (unless the member is static) and ends. */
    void stop() throws Exception {
        consumer.wakeup();
        thread.join(Interop.WAIT_MS);
        Interop.check(!thread.isAlive(), "member did not close in time");
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        revoked.addAndGet(partitions.size());
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        rebalances.incrementAndGet();
    }
}
