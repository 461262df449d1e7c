import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * RabbitMQ's own Java client (AMQP 0-9-1): durable queues, persistent messages, publisher confirms
 * with up to 1,000 outstanding for each producer, consumers that acknowledge every 100 messages, with
 * at most 500 of each queue prefetched. The setting {@code type} is the type of the queues.
 */
final class RabbitQueueClient implements Client {
  private static final int OUTSTANDING = 1_000;
  private static final int PREFETCH = 500;
  private static final int ACKNOWLEDGE_EVERY = 100;
  private static final long LAST_ANSWERS_SECONDS = 30;

  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Connection> connections = new ArrayList<>();

  @Override
  public void open(String address, List<String> settings) throws Exception {
    int colon = address.lastIndexOf(':');
    factory.setHost(address.substring(0, colon));
    factory.setPort(Integer.parseInt(address.substring(colon + 1)));
    Map<String, Object> type =
        Map.of("x-queue-type", ProduceConsume.settingOf(settings, "type", "classic"));
    Channel channel = connect().createChannel();
    for (int i = 0; i < ProduceConsume.PARTITIONS; i++) {
      channel.queueDeclare(queue(i), true, false, false, type);
    }
  }

  @Override
  public void startConsumers(Meter meter) throws Exception {
    for (int consumer = 0; consumer < ProduceConsume.CONSUMERS; consumer++) {
      Channel channel = connect().createChannel();
      channel.basicQos(PREFETCH);
      var counting = new CountingConsumer(channel, meter);
      for (int i = consumer; i < ProduceConsume.PARTITIONS; i += ProduceConsume.CONSUMERS) {
        channel.basicConsume(queue(i), false, counting);
      }
    }
  }

  @Override
  public void produce(int producer, Meter meter) throws Exception {
    Channel channel = connect().createChannel();
    channel.confirmSelect();
    var confirms = new Confirms(meter);
    channel.addConfirmListener(confirms::confirmed, confirms::refused);
    int at = producer;
    for (byte[] record = meter.next(); record != null; record = meter.next()) {
      confirms.outstanding.acquire();
      channel.basicPublish("", queue(at), MessageProperties.MINIMAL_PERSISTENT_BASIC, record);
      at = (at + ProduceConsume.PRODUCERS) % ProduceConsume.PARTITIONS;
    }
    if (!confirms.outstanding.tryAcquire(OUTSTANDING, LAST_ANSWERS_SECONDS, TimeUnit.SECONDS)) {
      throw new Exception("confirms are missing");
    }
    channel.getConnection().close();
  }

  private Connection connect() throws Exception {
    Connection connection = factory.newConnection();
    synchronized (connections) {
      connections.add(connection);
    }
    return connection;
  }

  private static String queue(int number) {
    return "bench-" + number;
  }

  @Override
  public void close() {
    for (Connection connection : connections) connection.abort();
  }

  /** Counts confirms of one channel: one may stand for all before it, and some come ahead of others. */
  private static final class Confirms {
    final Semaphore outstanding = new Semaphore(OUTSTANDING);
    private final Meter meter;
    private final NavigableSet<Long> ahead = new TreeSet<>();
    private long last;

    Confirms(Meter meter) {
      this.meter = meter;
    }

    /** Called by the connection's one reading thread. */
    void confirmed(long tag, boolean multiple) {
      int count = 1;
      if (multiple) {
        NavigableSet<Long> covered = ahead.headSet(tag, true);
        count = (int) (tag - last) - covered.size();
        covered.clear();
        last = tag;
      } else {
        ahead.add(tag);
      }
      for (; ahead.remove(last + 1); last++) {}
      for (int i = 0; i < count; i++) meter.written();
      outstanding.release(count);
    }

    void refused(long tag, boolean multiple) {
      meter.fail(new IOException("message " + tag + " was refused"));
    }
  }

  private static final class CountingConsumer extends DefaultConsumer {
    private final Meter meter;
    private long unacknowledged;

    CountingConsumer(Channel channel, Meter meter) {
      super(channel);
      this.meter = meter;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      meter.read(ByteBuffer.wrap(body));
      if (++unacknowledged < ACKNOWLEDGE_EVERY) return;
      getChannel().basicAck(envelope.getDeliveryTag(), true);
      unacknowledged = 0;
    }
  }
}
