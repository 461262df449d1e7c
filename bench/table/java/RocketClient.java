import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/**
 * RocketMQ's own Java client (remoting): synchronous sends from 64 threads as its own benchmark has
 * them, one message each, and concurrent push consumers. More requests on their way than that make
 * the broker refuse some as too busy.
 */
final class RocketClient implements Client {
  private static final String TOPIC = "bench-table";
  private static final int THREADS = 64;
  private static final long READY_MS = 60_000;
  private static final long POLL_MS = 50;
  /** The topic that every broker has, by which the client finds the brokers. */
  private static final String KEY_TOPIC = "TBW102";

  private final List<DefaultMQProducer> producers = new ArrayList<>();
  private final List<DefaultMQPushConsumer> consumers = new ArrayList<>();
  private String nameServer;

  @Override
  public void open(String address, List<String> settings) throws Exception {
    nameServer = address;
    for (int i = 0; i < ProduceConsume.PRODUCERS; i++) {
      var producer = new DefaultMQProducer("bench-producers-" + i);
      producer.setNamesrvAddr(nameServer);
      producer.setInstanceName("producer-" + i);
      producer.start();
      producers.add(producer);
    }
    createTopic();
  }

  /** A broker takes its first heartbeat to be known to the name server. */
  private void createTopic() throws Exception {
    long deadline = System.nanoTime() + READY_MS * 1_000_000;
    DefaultMQProducer first = producers.get(0);
    while (true) {
      try {
        first.createTopic(KEY_TOPIC, TOPIC, ProduceConsume.PARTITIONS, Map.of());
        if (first.fetchPublishMessageQueues(TOPIC).size() == ProduceConsume.PARTITIONS) return;
      } catch (Exception failure) {
        if (System.nanoTime() > deadline) throw failure;
      }
      Thread.sleep(POLL_MS);
    }
  }

  @Override
  public void startConsumers(Meter meter) throws Exception {
    MessageListenerConcurrently count =
        (messages, context) -> {
          messages.forEach(message -> meter.read(ByteBuffer.wrap(message.getBody())));
          return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    for (int i = 0; i < ProduceConsume.CONSUMERS; i++) {
      var consumer = new DefaultMQPushConsumer("bench-consumers");
      consumer.setNamesrvAddr(nameServer);
      consumer.setInstanceName("consumer-" + i);
      consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
      consumer.subscribe(TOPIC, "*");
      consumer.registerMessageListener(count);
      consumer.start();
      consumers.add(consumer);
    }
    awaitAssignment();
  }

  private void awaitAssignment() throws Exception {
    long deadline = System.nanoTime() + READY_MS * 1_000_000;
    for (var consumer : consumers) {
      var assigned =
          consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable();
      int share = ProduceConsume.PARTITIONS / ProduceConsume.CONSUMERS;
      while (assigned.keySet().stream().filter(q -> q.getTopic().equals(TOPIC)).count() != share) {
        if (System.nanoTime() > deadline) throw new Exception("consumers have no queues");
        Thread.sleep(POLL_MS);
      }
    }
  }

  @Override
  public int producers() {
    return THREADS;
  }

  @Override
  public void produce(int thread, Meter meter) throws Exception {
    DefaultMQProducer producer = producers.get(thread % producers.size());
    for (byte[] record = meter.next(); record != null; record = meter.next()) {
      SendResult result = producer.send(new Message(TOPIC, record));
      if (result.getSendStatus() != SendStatus.SEND_OK) {
        throw new Exception("answered " + result.getSendStatus());
      }
      meter.written();
    }
  }

  @Override
  public void close() {
    consumers.forEach(DefaultMQPushConsumer::shutdown);
    producers.forEach(DefaultMQProducer::shutdown);
  }
}
