import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the records, tells producers when to send them, and counts. A record begins with the time
 * when it was meant to leave, by this program's clock.
 */
final class Meter {
  interface Work {
    void run() throws Exception;
  }

  private final byte[] template;
  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder writtenWhileOpen = new LongAdder();
  private final LongAdder readWhileOpen = new LongAdder();
  private final AtomicLong paced = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Histogram micros = new Histogram();

  private volatile boolean isOpen;
  private volatile boolean maySend = true;
  private long openedNanos;
  private long closedNanos;

  private long paceStartNanos;
  private long paceIntervalNanos;
  private volatile long countFromNanos = Long.MAX_VALUE;
  private volatile long paceEndNanos = Long.MIN_VALUE;

  Meter(int recordBytes) {
    template = ProduceConsume.randomBytes(recordBytes);
  }

  /** A thread whose failure fails the run: figures without some of the load are worth nothing. */
  Thread start(String name, Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Throwable thrown) {
                fail(thrown);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  void fail(Throwable thrown) {
    failure.compareAndSet(null, thrown);
    maySend = false;
  }

  void throwFailure() throws Exception {
    if (failure.get() != null) throw new Exception("a client failed", failure.get());
  }

  void open() {
    openedNanos = System.nanoTime();
    isOpen = true;
  }

  /** Ends the measured time; producers stop. */
  void close() {
    isOpen = false;
    closedNanos = System.nanoTime();
    maySend = false;
  }

  /** From now on, records leave on a timetable. Those of the first moments are not counted. */
  void pace(long perSecond, long settleMs, long forMs) {
    paceIntervalNanos = 1_000_000_000 / perSecond;
    paceStartNanos = System.nanoTime();
    countFromNanos = paceStartNanos + settleMs * 1_000_000;
    paceEndNanos = countFromNanos + forMs * 1_000_000;
    maySend = true;
  }

  /** The next record, once its time has come; null when there is no more. */
  byte[] next() {
    if (!maySend) return null;
    long now = System.nanoTime();
    if (paceIntervalNanos == 0) return stamp(now);
    long intended = paceStartNanos + paced.getAndIncrement() * paceIntervalNanos;
    if (intended >= paceEndNanos) return null;
    for (; now < intended; now = System.nanoTime()) LockSupport.parkNanos(intended - now);
    return stamp(intended);
  }

  private byte[] stamp(long nanos) {
    sent.increment();
    byte[] record = template.clone();
    ByteBuffer.wrap(record).putLong(nanos);
    return record;
  }

  /** Whether the producers shall give up waiting for answers. */
  boolean hasFailed() {
    return failure.get() != null;
  }

  /** A record was acknowledged. */
  void written() {
    if (isOpen) writtenWhileOpen.increment();
  }

  /** A record has come. */
  void read(ByteBuffer record) {
    received.increment();
    if (isOpen) readWhileOpen.increment();
    long intended = record.getLong(record.position());
    if (intended >= countFromNanos) micros.record((System.nanoTime() - intended) / 1_000);
  }

  boolean isAllRead() {
    return received.sum() >= sent.sum();
  }

  String toJson(boolean drained) {
    String latency =
        drained && micros.total() > 0
            ? String.format(
                Locale.ROOT,
                "{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f}",
                micros.percentile(50) / 1e3,
                micros.percentile(99) / 1e3,
                micros.percentile(99.9) / 1e3)
            : "null";
    return String.format(
        Locale.ROOT,
        "{\"seconds\":%.6f,\"written\":%d,\"read\":%d,\"latencyMs\":%s}",
        (closedNanos - openedNanos) / 1e9,
        writtenWhileOpen.sum(),
        readWhileOpen.sum(),
        latency);
  }
}
