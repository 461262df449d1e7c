import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes to a broker and reads from it at once, with the client library of the broker's own makers
 * and that library's own defaults, and prints what it counted.
 *
 * <p>First at full speed for the rates; then, once everything that was written has been read, on a
 * timetable for the time from when a record was meant to leave until a consumer has it.
 *
 * <p>Arguments: client, address, record bytes, warm-up ms, measured ms, paced records/s, paced ms,
 * then settings of the client as NAME=VALUE. Prints {@code measuring} and {@code over} when the
 * measured time begins and ends, and figures as one line of JSON. Ends with 1 when anything failed.
 */
final class ProduceConsume {
  static final int PARTITIONS = 4;
  static final int PRODUCERS = 2;
  static final int CONSUMERS = 2;

  private static final long DRAIN_MS = 10_000;
  private static final long SETTLE_MS = 1_000;
  private static final long POLL_MS = 10;
  /** Beyond the times that were asked for: connecting, draining, and no more. */
  private static final long EXTRA_MS = 90_000;

  public static void main(String[] arguments) {
    try {
      run(arguments);
      System.exit(0);
    } catch (Throwable failure) {
      failure.printStackTrace();
      System.exit(1);
    }
  }

  private static void run(String[] arguments) throws Exception {
    List<String> settings = List.of(arguments).subList(7, arguments.length);
    long warmupMs = Long.parseLong(arguments[3]);
    long measureMs = Long.parseLong(arguments[4]);
    long pacedMs = Long.parseLong(arguments[6]);
    haltAfter(warmupMs + measureMs + pacedMs + EXTRA_MS);
    var meter = new Meter(Integer.parseInt(arguments[2]));
    try (Client client = clientNamed(arguments[0])) {
      client.open(arguments[1], settings);
      client.startConsumers(meter);
      List<Thread> producers = startProducers(client, meter);
      rest(warmupMs, meter);
      print("measuring");
      meter.open();
      rest(measureMs, meter);
      meter.close();
      print("over");
      join(producers);
      boolean drained = drain(meter);
      if (drained) runPaced(client, meter, Long.parseLong(arguments[5]), pacedMs);
      meter.throwFailure();
      print(meter.toJson(drained));
    }
  }

  private static void runPaced(Client client, Meter meter, long perSecond, long forMs)
      throws Exception {
    meter.pace(perSecond, SETTLE_MS, forMs);
    join(startProducers(client, meter));
    drain(meter);
  }

  private static List<Thread> startProducers(Client client, Meter meter) {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < client.producers(); i++) {
      int producer = i;
      threads.add(meter.start("producer " + i, () -> client.produce(producer, meter)));
    }
    return threads;
  }

  /** Waits until everything acknowledged has been read; says whether it was in time. */
  private static boolean drain(Meter meter) throws Exception {
    long deadline = System.nanoTime() + DRAIN_MS * 1_000_000;
    while (!meter.isAllRead()) {
      if (System.nanoTime() > deadline) return false;
      rest(POLL_MS, meter);
    }
    return true;
  }

  private static void rest(long forMs, Meter meter) throws Exception {
    long end = System.nanoTime() + forMs * 1_000_000;
    for (long left = forMs; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
      meter.throwFailure();
      Thread.sleep(Math.min(left, 100));
    }
    meter.throwFailure();
  }

  /** A client that waits for a broker which is gone must end all the same. */
  private static void haltAfter(long limitMs) {
    var watchdog =
        new Thread(
            () -> {
              try {
                Thread.sleep(limitMs);
              } catch (InterruptedException interrupted) {
                return;
              }
              System.err.println("no end after " + limitMs + " ms");
              Runtime.getRuntime().halt(1);
            });
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) thread.join();
  }

  /** Loaded by its name, so that only the library of the client in use must be there. */
  private static Client clientNamed(String name) throws Exception {
    return (Client) Class.forName(name).getDeclaredConstructor().newInstance();
  }

  private static void print(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static byte[] randomBytes(int size) {
    var bytes = new byte[size];
    ThreadLocalRandom.current().nextBytes(bytes);
    return bytes;
  }

  static String settingOf(List<String> settings, String name, String otherwise) {
    String prefix = name.toLowerCase(Locale.ROOT) + "=";
    return settings.stream()
        .filter(setting -> setting.startsWith(prefix))
        .map(setting -> setting.substring(prefix.length()))
        .findFirst()
        .orElse(otherwise);
  }
}
