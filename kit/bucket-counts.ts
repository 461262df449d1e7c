/** Counts of observations by ascending upper bounds: a histogram of few buckets. Plain numbers that only grow. */
export class BucketCounts {
  readonly bounds: readonly number[]
  /** Not cumulative; one more than there are bounds, for what is above all of them. */
  readonly counts: number[]
  count = 0
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  note(value: number): void {
    this.count++
    this.sum += value
    let bucket = 0
    while (bucket < this.bounds.length && value > (this.bounds[bucket] as number)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }
}
