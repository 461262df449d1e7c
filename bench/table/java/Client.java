import java.util.List;

/** One broker's client library: how its users write and read. */
interface Client extends AutoCloseable {
  /** Connects and creates what records are written to, spread over PARTITIONS of it. */
  void open(String address, List<String> settings) throws Exception;

  /**
   * Starts CONSUMERS that give each record to {@link Meter#read} for as long as the program runs.
   * Returns once they receive what is written from now on.
   */
  void startConsumers(Meter meter) throws Exception;

  /** Threads that call {@link #produce} at once; more than PRODUCERS where sending waits for the answer. */
  default int producers() {
    return ProduceConsume.PRODUCERS;
  }

  /**
   * Sends {@link Meter#next} until there is no more and then waits for the outstanding answers. Tells
   * each acknowledged record to {@link Meter#written}.
   */
  void produce(int producer, Meter meter) throws Exception;

  @Override
  void close();
}
