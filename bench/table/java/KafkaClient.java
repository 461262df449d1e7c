import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own Java client with its defaults: an idempotent producer, acks=all, batches of 16 KiB,
 * linger 5 ms, a consumer group. Settings are configs of the topic.
 */
final class KafkaClient implements Client {
  private static final String TOPIC = "bench-table";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long READY_SECONDS = 30;

  private final Properties properties = new Properties();

  @Override
  public void open(String address, List<String> settings) throws Exception {
    properties.put("bootstrap.servers", address);
    Map<String, String> configs = new HashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      configs.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    try (Admin admin = Admin.create(properties)) {
      var topic = new NewTopic(TOPIC, ProduceConsume.PARTITIONS, (short) 1).configs(configs);
      admin.createTopics(List.of(topic)).all().get(READY_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void startConsumers(Meter meter) throws Exception {
    var assigned = new CountDownLatch(ProduceConsume.PARTITIONS);
    for (int i = 0; i < ProduceConsume.CONSUMERS; i++) {
      meter.start("consumer " + i, () -> consume(assigned, meter));
    }
    if (!assigned.await(READY_SECONDS, TimeUnit.SECONDS)) {
      meter.throwFailure();
      throw new Exception("consumers have no partitions");
    }
  }

  private void consume(CountDownLatch assigned, Meter meter) {
    var own = new Properties();
    own.putAll(properties);
    own.put("group.id", TOPIC);
    own.put("auto.offset.reset", "earliest");
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(own, bytes, bytes)) {
      consumer.subscribe(List.of(TOPIC));
      long counted = 0;
      while (!meter.hasFailed()) {
        consumer.poll(POLL).forEach(record -> meter.read(ByteBuffer.wrap(record.value())));
        for (; counted < consumer.assignment().size() && assigned.getCount() > 0; counted++) {
          assigned.countDown();
        }
      }
    }
  }

  @Override
  public void produce(int producer, Meter meter) {
    var bytes = new ByteArraySerializer();
    try (var sender = new KafkaProducer<>(properties, bytes, bytes)) {
      for (byte[] record = meter.next(); record != null; record = meter.next()) {
        sender.send(
            new ProducerRecord<>(TOPIC, record),
            (metadata, failure) -> {
              if (failure == null) meter.written();
              else meter.fail(failure);
            });
      }
      sender.flush();
    }
  }

  @Override
  public void close() {}
}
