import com.rabbitmq.stream.Address;
import com.rabbitmq.stream.Environment;
import com.rabbitmq.stream.OffsetSpecification;
import com.rabbitmq.stream.Producer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** RabbitMQ's own Java client for its stream protocol, with its defaults. */
final class RabbitStreamClient implements Client {
  private static final long LAST_ANSWERS_MS = 30_000;
  private static final long POLL_MS = 1;

  private final List<Environment> environments = new ArrayList<>();
  private String host;
  private int port;

  @Override
  public void open(String address, List<String> settings) {
    int colon = address.lastIndexOf(':');
    host = address.substring(0, colon);
    port = Integer.parseInt(address.substring(colon + 1));
    Environment environment = connect();
    for (int i = 0; i < ProduceConsume.PARTITIONS; i++) {
      environment.streamCreator().stream(stream(i)).create();
    }
  }

  @Override
  public void startConsumers(Meter meter) {
    for (int consumer = 0; consumer < ProduceConsume.CONSUMERS; consumer++) {
      Environment environment = connect();
      for (int i = consumer; i < ProduceConsume.PARTITIONS; i += ProduceConsume.CONSUMERS) {
        environment.consumerBuilder().stream(stream(i))
            .offset(OffsetSpecification.first())
            .messageHandler((c, message) -> meter.read(ByteBuffer.wrap(message.getBodyAsBinary())))
            .build();
      }
    }
  }

  @Override
  public void produce(int producer, Meter meter) throws Exception {
    var waiting = new AtomicLong();
    Environment environment = connect();
    var senders = new ArrayList<Producer>();
    for (int i = producer; i < ProduceConsume.PARTITIONS; i += ProduceConsume.PRODUCERS) {
      senders.add(environment.producerBuilder().stream(stream(i)).build());
    }
    int at = 0;
    for (byte[] record = meter.next(); record != null; record = meter.next()) {
      Producer sender = senders.get(at);
      at = (at + 1) % senders.size();
      waiting.incrementAndGet();
      sender.send(
          sender.messageBuilder().addData(record).build(),
          status -> {
            waiting.decrementAndGet();
            if (status.isConfirmed()) meter.written();
            else meter.fail(new Exception("refused with code " + status.getCode()));
          });
    }
    long deadline = System.nanoTime() + LAST_ANSWERS_MS * 1_000_000;
    while (waiting.get() > 0) {
      if (System.nanoTime() > deadline) throw new Exception("confirms are missing");
      Thread.sleep(POLL_MS);
    }
    senders.forEach(Producer::close);
  }

  private Environment connect() {
    var environment =
        Environment.builder()
            .host(host)
            .port(port)
            .addressResolver(address -> new Address(host, port))
            .build();
    synchronized (environments) {
      environments.add(environment);
    }
    return environment;
  }

  private static String stream(int number) {
    return "bench-" + number;
  }

  @Override
  public void close() {
    environments.forEach(Environment::close);
  }
}
