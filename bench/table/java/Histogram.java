import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts microseconds in buckets that grow with the value: whole numbers below 256, then 128 to each
 * power of two, so that no percentile is off by 1 %.
 */
final class Histogram {
  private static final int STEP_BITS = 7;

  private final AtomicLongArray counts = new AtomicLongArray((64 - STEP_BITS) << STEP_BITS);

  void record(long value) {
    counts.incrementAndGet(bucketOf(Math.max(value, 0)));
  }

  long total() {
    long total = 0;
    for (int i = 0; i < counts.length(); i++) total += counts.get(i);
    return total;
  }

  /** The smallest value that so many percent do not exceed; 0 when there is none. */
  long percentile(double percent) {
    long wanted = Math.max((long) Math.ceil(total() * percent / 100), 1);
    long seen = 0;
    for (int i = 0; i < counts.length(); i++) {
      seen += counts.get(i);
      if (seen >= wanted) return highestOf(i);
    }
    return 0;
  }

  private static int bucketOf(long value) {
    int shift = Math.max(63 - STEP_BITS - Long.numberOfLeadingZeros(value), 0);
    return (shift << STEP_BITS) + (int) (value >>> shift);
  }

  private static long highestOf(int bucket) {
    int shift = Math.max((bucket >> STEP_BITS) - 1, 0);
    long steps = bucket - ((long) shift << STEP_BITS);
    return ((steps + 1) << shift) - 1;
  }
}
